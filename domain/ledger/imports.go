package ledger

import (
	"whocomply/domain"
	"whocomply/domain/intake"
)

// StartImport takes in a file, or goes on with it. Its reply is the *intake.Import.
func StartImport(cmd intake.Start) Command {
	return importing(func(t *turn) ([]domain.Event, error) { return t.state.Imports.DecideStart(t.meta, cmd) },
		func(s *intake.State) *intake.Import { return s.Of(cmd.Kind, cmd.Digest) })
}

// AdvanceImport says that a run of lines is done. Its reply is the *intake.Import.
func AdvanceImport(cmd intake.Advance) Command {
	return importing(func(t *turn) ([]domain.Event, error) { return t.state.Imports.DecideAdvance(cmd) },
		func(s *intake.State) *intake.Import { return s.Import(cmd.ImportID) })
}

// FinishImport says that a file is at its end. Its reply is the *intake.Import.
func FinishImport(cmd intake.Finish) Command {
	return importing(func(t *turn) ([]domain.Event, error) { return t.state.Imports.DecideFinish(cmd) },
		func(s *intake.State) *intake.Import { return s.Import(cmd.ImportID) })
}

func importing(decide func(*turn) ([]domain.Event, error), found func(*intake.State) *intake.Import) Command {
	return &simple{do: func(t *turn) ([]domain.Event, any, error) {
		events, err := decide(t)
		if err != nil {
			return nil, nil, err
		}
		t.emit(events...)
		return nil, found(t.state.Imports), nil
	}}
}
