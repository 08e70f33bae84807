package http

import (
	_ "embed" // openapi.yaml
	"net/http"
	"strconv"
	"strings"
	"sync"

	"whocomply/domain/monitoring"
	"whocomply/http/docs"
)

// spec is the API as OpenAPI 3.1.
//
//go:embed openapi.yaml
var spec []byte

// page is the spec for people, made when somebody first asks for it.
var page = sync.OnceValues(func() ([]byte, error) { return docs.Page(spec) })

func (s *Server) docRoutes() []route {
	return []route{
		{"GET", "/openapi.yaml", "", s.getSpec},
		{"GET", "/docs", "", s.getDocs},
		{"GET", "/docs/typologies", "", s.getTypologies},
		{"GET", "/docs/webhooks", "", s.getReceivers},
	}
}

var (
	typeYAML = []string{"application/yaml"}
	typeHTML = []string{"text/html; charset=utf-8"}
)

func (s *Server) getSpec(c *call) error {
	c.reply.Write(spec)
	c.sendAs(http.StatusOK, typeYAML)
	return nil
}

// getDocs answers with a page that may load nothing and run only what it carries.
func (s *Server) getDocs(c *call) error {
	html, err := page()
	return c.html(html, err)
}

// matrix is the catalogue of typologies for people, made when somebody first asks for it.
var matrix = sync.OnceValues(func() ([]byte, error) {
	var rows []docs.Row
	for i, t := range monitoring.Catalogue() {
		var parameters []string
		for _, p := range t.Parameters {
			parameters = append(parameters, p.Name+": "+p.Default)
		}
		rows = append(rows, docs.Row{
			Cells: []string{
				strconv.Itoa(i + 1), t.ID, t.Name, t.Description, strings.Join(parameters, "; "), string(t.Severity), strconv.Itoa(t.Score),
				t.DedupBy + " " + t.CoolDown, strings.Join(t.Tags, ", "),
			},
			Code: strings.Join(strings.Fields(t.Condition), " "),
		})
	}
	return docs.Matrix("Typologies", "The catalogue of monitoring rules. Each is installed by its name, with parameters of your own. Below each is its condition, in CEL.", []string{
		"#", "Name", "Title", "Fires when", "Parameters and defaults", "Severity", "Score", "One alert per", "Sources",
	}, rows)
})

func (s *Server) getTypologies(c *call) error {
	html, err := matrix()
	return c.html(html, err)
}

// receivers is what receivers of webhooks may copy, made when somebody first asks for it.
var receivers = sync.OnceValues(docs.Receivers)

func (s *Server) getReceivers(c *call) error {
	html, err := receivers()
	return c.html(html, err)
}

func (c *call) html(page []byte, err error) error {
	if err != nil {
		return err
	}
	c.echo.Response().Header().Set("Content-Security-Policy", docs.Policy)
	c.reply.Write(page)
	c.sendAs(http.StatusOK, typeHTML)
	return nil
}
