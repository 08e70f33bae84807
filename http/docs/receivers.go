package docs

import (
	"bytes"
	"embed"
	"html/template"
)

//go:embed samples
var samples embed.FS

// receiversSource is a page of texts to copy. It has no script.
const receiversSource = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Receiving webhooks</title>
<style>{{.Style}}</style>
</head>
<body style="display:block">
<main>
<header><h1>Receiving webhooks</h1>
<p class="lead">Verify the raw body before you read it, answer 2xx once the event is safe with you, and keep the ids you have seen: an event
comes at least once. Go programs use whocomply/http/client/webhook, TypeScript programs http/client/typescript/webhook.ts; what follows is
for whoever wants neither.</p></header>
{{range .Samples}}<h2>{{.Title}}</h2>
<p>{{.Lead}}</p>
<pre><code>{{.Text}}</code></pre>
{{end}}</main>
</body>
</html>
`

var receiversPage = template.Must(template.New("receivers").Parse(receiversSource))

// receivers are the texts of the page, in its order.
var receivers = []struct{ file, title, lead string }{
	{"verify.go.txt", "Go", "Any of the signatures may fit: while a secret is rotated there are two."},
	{"verify.mjs", "JavaScript", "Node.js 20 or later."},
	{"verify.py", "Python", "Python 3.9 or later."},
	{"Verify.java", "Java", "Java 11 or later."},
	{"verify.php", "PHP", "PHP 7.4 or later."},
	{"slack.json", "Slack", "The body of POST …/webhooks for an incoming webhook of Slack."},
	{"jira.json", "Jira", "For a rule of Jira Automation that begins with an incoming webhook."},
	{"pagerduty.json", "PagerDuty", "For the Events API v2: the secret of the webhook is the integration key, which the template shows."},
}

// Receivers renders code and templates for receivers of webhooks as a page of its own, to be served with Policy.
func Receivers() ([]byte, error) {
	type sample struct{ Title, Lead, Text string }
	var all []sample
	for _, r := range receivers {
		text, err := samples.ReadFile("samples/" + r.file)
		if err != nil {
			return nil, err
		}
		all = append(all, sample{r.title, r.lead, string(text)})
	}
	var html bytes.Buffer
	err := receiversPage.Execute(&html, struct {
		Style   template.CSS
		Samples []sample
	}{template.CSS(style), all})
	return html.Bytes(), err
}
