package http

import "time"

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

// Statuses are all codes of errors and the status of each.
func Statuses() map[string]int {
	all := map[string]int{}
	for code, status := range statuses {
		all[string(code)] = status
	}
	return all
}

// Limiters is how many API keys are being counted.
func Limiters(s *Server) int64 { return s.limits.known.Load() }

// Handle answers GET path with handle instead of the API.
func Handle(s *Server, path string, handle func() error) {
	r := route{method: "GET", path: path, handle: func(*call) error { return handle() }}
	s.router.Add(r.method, r.path, s.endpoint(r).serve)
}

// Count counts a request of an API key.
func Count(s *Server, keyID string, now time.Time) { s.limits.of(keyID, now).AllowN(now, 1) }

// HoldBacktests lets no backtest run until it is told to let them go.
func HoldBacktests(s *Server) (letGo func()) {
	for range cap(s.backtests.places) {
		s.backtests.places <- struct{}{}
	}
	return func() {
		for range cap(s.backtests.places) {
			<-s.backtests.places
		}
	}
}

// ReadNameSheet reads a CSV file of names.
var ReadNameSheet = readNameSheet
