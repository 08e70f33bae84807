package monitoring

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// leaves are the places in a syntax tree, by id, where a value of the context is read.
type leaves map[int64]leaf

type leaf struct {
	field    int    // index in fields; -1 if only an object is tested for
	name     string // of the field or the object
	presence bool   // has(…)
	list     string // a reference list; empty otherwise
}

// findLeaves resolves every use of the context to one field, and notes what is mentioned.
func (c *condition) findLeaves(tree *ast.AST) (leaves, error) {
	found := make(leaves)
	for _, ident := range ast.MatchDescendants(ast.NavigateAST(tree), ast.KindMatcher(ast.IdentKind)) {
		name := strings.TrimPrefix(ident.AsIdent(), ".")
		if slices.Contains(subjectNames[:], name) && opensWindow(ident) {
			found[ident.ID()] = leaf{field: -1, name: name}
			continue
		}
		if name == listsName {
			if err := c.findList(tree, ident, found); err != nil {
				return nil, err
			}
			continue
		}
		if !slices.Contains(objects[:variables], name) && !slices.Contains(subjectNames[:], name) {
			continue
		}
		at, l := climb(ident, name)
		if at == nil {
			return nil, invalidAt(tree.SourceInfo().GetStartLocation(ident.ID()),
				fmt.Sprintf("%s has no value of its own: name one of its fields", l.name))
		}
		found[at.ID()] = l
		c.context = append(c.context, l.name)
		if l.field >= 0 {
			c.note(at, l)
		}
	}
	return found, nil
}

// reads reports whether the condition reads a field, or any of an object.
func (c *condition) reads(name string) bool {
	return slices.ContainsFunc(c.context, func(read string) bool {
		return read == name || strings.HasPrefix(read, name+".") || strings.HasPrefix(name, read+".")
	})
}

// findList resolves a use of a reference list.
func (c *condition) findList(tree *ast.AST, ident ast.NavigableExpr, found leaves) error {
	at := tree.SourceInfo().GetStartLocation(ident.ID())
	parent, ok := ident.Parent()
	if !ok || parent.Kind() != ast.SelectKind {
		return invalidAt(at, "lists has no value of its own: name one of the lists, as in lists.fatf_grey")
	}
	name := parent.AsSelect().FieldName()
	l := leaf{field: -1, name: listsName + "." + name, list: name, presence: parent.AsSelect().IsTestOnly()}
	found[parent.ID()] = l
	if l.presence {
		return nil
	}
	c.lists = append(c.lists, askedList{name, at})
	if len(c.mentions) < maxMentions && !slices.ContainsFunc(c.mentions, func(m mention) bool { return m.list == name }) {
		c.mentions = append(c.mentions, mention{label: l.name, list: name})
	}
	return nil
}

// opensWindow reports whether a subject is named to look at its past.
func opensWindow(ident ast.NavigableExpr) bool {
	parent, below := ident.Parent()
	return below && parent.Kind() == ast.CallKind && slices.Contains(openers, parent.AsCall().FunctionName()) &&
		parent.AsCall().Target().ID() == ident.ID()
}

// climb follows selections up from a variable to the node that is a field, or a test for an
// object. It gives nil if the selections end before.
func climb(at ast.NavigableExpr, name string) (ast.NavigableExpr, leaf) {
	presence := false
	for {
		for i, f := range fields {
			if f.name == name {
				return at, leaf{field: i, name: name, presence: presence}
			}
		}
		if presence {
			return at, leaf{field: -1, name: name, presence: true}
		}
		parent, ok := at.Parent()
		if !ok || parent.Kind() != ast.SelectKind {
			return nil, leaf{name: name}
		}
		name, presence, at = name+"."+parent.AsSelect().FieldName(), parent.AsSelect().IsTestOnly(), parent
	}
}

// note adds what is read at a leaf, together with the path below it, to the mentions.
func (c *condition) note(at ast.NavigableExpr, l leaf) {
	m := mention{label: l.name, field: l.field}
	for {
		parent, ok := at.Parent()
		if !ok {
			break
		}
		key, label, isStep := step(parent, at)
		if !isStep {
			break
		}
		m.path, m.label, at = append(m.path, key), m.label+label, parent
	}
	if len(c.mentions) < maxMentions && !slices.ContainsFunc(c.mentions, func(o mention) bool { return o.label == m.label }) {
		c.mentions = append(c.mentions, m)
	}
}

// step gives the constant key by which parent reads from child.
func step(parent, child ast.NavigableExpr) (key ref.Val, label string, ok bool) {
	switch {
	case parent.Kind() == ast.SelectKind:
		name := parent.AsSelect().FieldName()
		return types.String(name), "." + name, true
	case parent.Kind() != ast.CallKind || parent.AsCall().FunctionName() != operators.Index:
		return nil, "", false
	}
	args := parent.AsCall().Args()
	if args[0].ID() != child.ID() || args[1].Kind() != ast.LiteralKind {
		return nil, "", false
	}
	return args[1].AsLiteral(), fmt.Sprintf("[%#v]", args[1].AsLiteral().Value()), true
}

// decorate puts direct reads of the context in the place of CEL's chains of selections.
func (l leaves) decorate(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	attribute, isAttribute := i.(interpreter.InterpretableAttribute)
	if !isAttribute {
		return i, nil
	}
	if _, absolute := attribute.Attr().(interpreter.NamespacedAttribute); !absolute {
		return i, nil
	}
	if at, found := l[i.ID()]; found {
		return &read{id: i.ID(), leaf: at}, nil
	}
	return i, nil
}

// read is a node of a program that reads one value of the context.
type read struct {
	id int64
	leaf
}

// ID is that of the node in the syntax tree.
func (r *read) ID() int64 { return r.id }

// Exec gives the value.
func (r *read) Exec(frame *interpreter.ExecutionFrame) ref.Val { return r.Eval(frame) }

// Eval gives the value, or whether there is one.
func (r *read) Eval(vars interpreter.Activation) ref.Val {
	e := evaluationOf(vars)
	switch {
	case r.list != "" && r.presence:
		return types.Bool(e.reference.lists[r.list] != nil)
	case r.list != "":
		return types.LabelErrNode(r.id, e.list(r.list))
	}
	if r.presence {
		return types.Bool(e.has(r.leaf))
	}
	v := e.value(r.field)
	if v == nil {
		return types.NewErrWithNodeID(r.id, "the event has no transaction")
	}
	return types.LabelErrNode(r.id, v)
}
