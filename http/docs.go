package http

import (
	_ "embed" // openapi.yaml
	"net/http"
	"sync"

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
	if err != nil {
		return err
	}
	c.echo.Response().Header().Set("Content-Security-Policy", docs.Policy)
	c.reply.Write(html)
	c.sendAs(http.StatusOK, typeHTML)
	return nil
}
