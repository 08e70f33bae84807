package http_test

import "whocomply/projections"

func (h *house) openModels() *projections.DB { return &projections.DB{} }
