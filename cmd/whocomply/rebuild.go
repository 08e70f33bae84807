package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"whocomply/domain"
	"whocomply/projections"
)

// rebuildCmd builds read models again.
type rebuildCmd struct {
	dataFlags  `json:"-"`
	Projection []string `help:"Read models to rebuild, such as risk_views; all if not given."`
	JSON       bool     `help:"Print JSON." json:"-"`
}

// rebuilt says what was done.
type rebuilt struct {
	Models  []projections.Model `json:"projections"`
	Seconds float64             `json:"seconds"`
}

// Run is the command.
func (c *rebuildCmd) Run(ctx context.Context) error {
	var done rebuilt
	if err := operate(ctx, c.dataFlags, c, &done); err != nil {
		return err
	}
	return printResult(c.JSON, done, func(w io.Writer) {
		names := make([]string, len(done.Models))
		for i, m := range done.Models {
			names[i] = string(m)
		}
		fmt.Fprintf(w, "rebuilt %s in %.1f s\n", strings.Join(names, ", "), done.Seconds)
	})
}

func (c *rebuildCmd) name() string { return "rebuild" }

func (c *rebuildCmd) do(ctx context.Context, in *Instance, report progress) (any, error) {
	models := projections.Models()
	if len(c.Projection) > 0 {
		models = nil
		for _, name := range c.Projection {
			if err := domain.CheckOneOf("projection", name, modelNames()...); err != nil {
				return nil, err
			}
			models = append(models, projections.Model(name))
		}
	}
	started := time.Now()
	err := in.Runner.Rebuild(ctx, func(_ string, done, size int64) { report(done, size) }, models...)
	return rebuilt{Models: models, Seconds: time.Since(started).Seconds()}, err
}

func modelNames() []string {
	var names []string
	for _, m := range projections.Models() {
		names = append(names, string(m))
	}
	return names
}
