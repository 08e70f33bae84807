package docs

import (
	"bytes"
	"html/template"
)

// matrixSource is a page with one table. It has no script.
const matrixSource = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>{{.Style}}</style>
</head>
<body style="display:block">
<main>
<header><h1>{{.Title}}</h1><p class="lead">{{.Lead}}</p></header>
<div class="wide"><table><thead><tr>{{range .Columns}}<th>{{.}}</th>{{end}}</tr></thead><tbody>
{{range .Rows}}<tr>{{range .Cells}}<td>{{.}}</td>{{end}}</tr>
<tr class="below"><td></td><td colspan="{{$.Span}}"><code>{{.Code}}</code></td></tr>
{{end}}</tbody></table></div>
</main>
</body>
</html>
`

var matrixPage = template.Must(template.New("matrix").Parse(matrixSource))

// Row is a row of a matrix, and the code that goes with it.
type Row struct {
	Cells []string
	Code  string // below the cells, as wide as they are together
}

// Matrix renders a table as a page of its own, to be served with Policy.
func Matrix(title, lead string, columns []string, rows []Row) ([]byte, error) {
	var html bytes.Buffer
	err := matrixPage.Execute(&html, struct {
		Title, Lead string
		Style       template.CSS
		Columns     []string
		Span        int // columns but the first
		Rows        []Row
	}{title, lead, template.CSS(style), columns, len(columns) - 1, rows})
	return html.Bytes(), err
}
