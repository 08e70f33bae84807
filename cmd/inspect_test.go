package cmd_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// inspect returns every breach of the house rules in the tree, as "path:line: what: why".
func inspect(tree fs.FS) ([]string, error) {
	h := house{fset: token.NewFileSet(), documented: map[string]bool{}}
	ignored, err := h.checkTop(tree)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || slices.Contains(ignored, name)):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		return h.checkFile(tree, name)
	})
	for dir, ok := range h.documented {
		if !ok {
			h.faultf(token.NoPos, "%s: no package comment: the package doc is the specification", dir)
		}
	}
	slices.Sort(h.faults)
	return h.faults, err
}

// house gathers faults, and which packages have a comment.
type house struct {
	fset       *token.FileSet
	faults     []string
	documented map[string]bool
}

func (h *house) faultf(pos token.Pos, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if pos.IsValid() {
		p := h.fset.Position(pos)
		msg = fmt.Sprintf("%s:%d: %s", p.Filename, p.Line, msg)
	}
	h.faults = append(h.faults, msg)
}

// checkTop holds the root's folders against topLevel and returns those that are none of ours.
func (h *house) checkTop(tree fs.FS) (ignored []string, err error) {
	text, err := fs.ReadFile(tree, ".gitignore")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	ignored = []string{".git"}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "/"); ok && strings.HasSuffix(rest, "/") {
			ignored = append(ignored, strings.TrimSuffix(rest, "/"))
		}
	}
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(topLevel, e.Name()) && !slices.Contains(ignored, e.Name()) {
			h.faultf(token.NoPos, "%s/: not a room of the house (%s): the top level is fixed so that a reader knows where to look",
				e.Name(), strings.Join(topLevel, " "))
		}
	}
	return ignored, nil
}

func (h *house) checkFile(tree fs.FS, name string) error {
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(h.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if n := bytes.Count(src, []byte("\n")); n > maxLines {
		h.faultf(file.Package, "%d lines, %d at most: a file is read in one sitting", n, maxLines)
	}
	h.checkFuncs(file)
	if strings.HasSuffix(name, "_test.go") {
		h.checkTestImports(file)
		return nil
	}
	dir := path.Dir(name)
	h.documented[dir] = h.documented[dir] || file.Doc.Text() != ""
	h.checkImports(name, file)
	h.checkDocs(file)
	if strings.HasPrefix(name, "domain/") {
		h.checkPure(file)
	}
	return nil
}

// checkImports holds a non-test file against its room's row.
func (h *house) checkImports(name string, file *ast.File) {
	here, ok := roomOf(name)
	if !ok {
		h.faultf(file.Package, "package in no room: add a row to the plan or move it")
		return
	}
	for _, spec := range file.Imports {
		imp := importPath(spec)
		switch rel, own := strings.CutPrefix(imp, module+"/"); {
		case own:
			there, known := roomOf(rel + "/")
			if !known {
				h.faultf(spec.Pos(), "imports %s: no such room; packages live in the rooms of the plan, without internal or pkg", imp)
			} else if there.at != here.at && !slices.Contains(here.ours, there.at) {
				h.faultf(spec.Pos(), "imports %s: %s", imp, here.why)
			}
		case imp == "C":
			h.faultf(spec.Pos(), "imports C: the binaries are static and build everywhere")
		case thirdParty(imp) && !within(imp, here.third):
			h.faultf(spec.Pos(), "imports %s: %s", imp, here.why)
		}
	}
}

func (h *house) checkTestImports(file *ast.File) {
	modules := slices.Clone(testModules)
	for _, r := range plan {
		modules = append(modules, r.third...)
	}
	for _, spec := range file.Imports {
		imp := importPath(spec)
		rel, own := strings.CutPrefix(imp, module+"/")
		if _, known := roomOf(rel + "/"); own && !known || thirdParty(imp) && !within(imp, modules) {
			h.faultf(spec.Pos(), "imports %s: tests use the modules and rooms of the plan, rapid and goleak; no assertion library, no mocks", imp)
		}
	}
}

// checkPure keeps I/O, clock and chance out of a file of domain/.
func (h *house) checkPure(file *ast.File) {
	local := map[string]string{}
	for _, spec := range file.Imports {
		imp := importPath(spec)
		local[localName(spec)] = imp
		for _, b := range bans {
			if b.names == nil && within(imp, []string{b.pkg}) && !slices.Contains(pureNet, imp) {
				h.faultf(spec.Pos(), "imports %s: %s", imp, b.why)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				for _, b := range bans {
					if b.pkg == local[x.Name] && slices.Contains(b.names, sel.Sel.Name) {
						h.faultf(sel.Pos(), "uses %s.%s: %s", x.Name, sel.Sel.Name, b.why)
					}
				}
			}
		}
		return true
	})
}

// checkFuncs refuses init functions, and skipped tests wherever testing is imported.
func (h *house) checkFuncs(file *ast.File) {
	tests := slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool {
		return importPath(s) == "testing" || importPath(s) == rapid
	})
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				h.faultf(n.Pos(), "func init: what happens before main cannot be read from main")
			}
		case *ast.SelectorExpr:
			if tests && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, n.Sel.Name) {
				h.faultf(n.Pos(), "%s: a skipped test proves nothing and looks green", n.Sel.Name)
			}
		}
		return true
	})
}

// checkDocs asks a comment of every exported name; a group's comment serves its constants and variables.
func (h *house) checkDocs(file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			h.checkDoc(d.Name, ast.IsExported(receiver(d)), d.Doc)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					h.checkDoc(s.Name, true, cmp.Or(s.Doc, d.Doc))
				case *ast.ValueSpec:
					for _, name := range s.Names {
						h.checkDoc(name, true, cmp.Or(s.Doc, s.Comment, d.Doc))
					}
				}
			}
		}
	}
}

func (h *house) checkDoc(name *ast.Ident, visible bool, doc *ast.CommentGroup) {
	if visible && name.IsExported() && doc.Text() == "" {
		h.faultf(name.Pos(), "%s has no comment: an exported name states its contract", name.Name)
	}
}

// receiver returns the name of the method's type, and for a function its own name.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	for expr := d.Recv.List[0].Type; ; {
		switch x := expr.(type) {
		case *ast.StarExpr:
			expr = x.X
		case *ast.IndexExpr:
			expr = x.X
		case *ast.IndexListExpr:
			expr = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// roomOf returns the longest row that covers the file or, with a closing slash, the package.
func roomOf(name string) (best room, ok bool) {
	for _, r := range plan {
		if strings.HasPrefix(name, r.at) && len(r.at) > len(best.at) {
			best, ok = r, true
		}
	}
	nested := strings.Contains(strings.TrimPrefix(name, best.at), "/")
	return best, ok && (!nested || !slices.Contains(closed, best.at))
}

func thirdParty(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

func within(imp string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return imp == r || strings.HasPrefix(imp, r+"/") })
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // The parser accepted it.
	return p
}

// localName returns the name a file calls the package by; a /vN suffix is no name.
func localName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	dir, base := path.Split(importPath(spec))
	if v, ok := strings.CutPrefix(base, "v"); ok && strings.Trim(v, "0123456789") == "" {
		return path.Base(dir)
	}
	return base
}
