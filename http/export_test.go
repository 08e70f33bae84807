package http

// Route is a row of the table of routes.
type Route struct{ Method, Path, Scope string }

// Routes lists the whole API.
func Routes(s *Server) []Route {
	var all []Route
	for _, r := range s.routes() {
		all = append(all, Route{r.method, r.path, r.scope})
	}
	return all
}

// Handle answers GET path with handle instead of the API.
func Handle(s *Server, path string, handle func() error) {
	r := route{method: "GET", path: path, handle: func(*call) error { return handle() }}
	s.router.Add(r.method, r.path, s.endpoint(r).serve)
}
