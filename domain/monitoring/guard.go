package monitoring

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"whocomply/domain"
)

// Most conditions are joined by && and hold comparisons of a field with constants or a list, of which one is
// false for most events. To CEL && is false if one of its sides is, also if the other fails, so a condition
// need not be evaluated if one of these is false. guards are these comparisons, in order. CEL evaluates from
// the left up to the first that is false: of a condition that asks lists or rates, which a decision names,
// guards are only those at its beginning.

// guard is a comparison of a field with constants, or with a reference list.
type guard struct {
	field    int
	presence bool     // has(field), and nothing to compare with
	texts    []string // of which the field is one
	not      bool     // … is none
	list     string   // a reference list on which the field is, instead
	bound    *bound   // of a number, instead
	leaf     leaf     // of presence
}

// bound is what a number is compared with.
type bound struct {
	number domain.Decimal
	holds  func(order int) bool // by how the field compares with it
}

// orders are the comparisons of numbers.
var orders = map[string]func(order int) bool{
	operators.Less:          func(order int) bool { return order < 0 },
	operators.LessEquals:    func(order int) bool { return order <= 0 },
	operators.Greater:       func(order int) bool { return order > 0 },
	operators.GreaterEquals: func(order int) bool { return order >= 0 },
	operators.Equals:        func(order int) bool { return order == 0 },
	operators.NotEquals:     func(order int) bool { return order != 0 },
}

// guardsOf reads the guards of a condition: all, or those before anything else.
func (l leaves) guardsOf(condition ast.Expr, all bool) (guards []guard) {
	for _, term := range terms(condition) {
		if g, isGuard := l.guard(term); isGuard {
			guards = append(guards, g)
		} else if !all {
			break
		}
	}
	return guards
}

// terms gives what && joins, in order.
func terms(e ast.Expr) (joined []ast.Expr) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.LogicalAnd {
		return []ast.Expr{e}
	}
	for _, arg := range e.AsCall().Args() {
		joined = append(joined, terms(arg)...)
	}
	return joined
}

// asks reports whether a condition looks into reference lists or rates.
func (c *condition) asks(tree *ast.AST) bool {
	converts := func(e ast.NavigableExpr) bool {
		return e.Kind() == ast.CallKind && e.AsCall().FunctionName() == "convert"
	}
	return len(c.lists) > 0 || len(ast.MatchDescendants(ast.NavigateAST(tree), converts)) > 0
}

func (l leaves) guard(e ast.Expr) (g guard, ok bool) {
	if field, isLeaf := l[e.ID()]; isLeaf && field.presence && field.field >= 0 {
		return guard{presence: true, leaf: field}, true
	}
	if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
		return g, false
	}
	name, args := e.AsCall().FunctionName(), e.AsCall().Args()
	field, isLeaf := l[args[0].ID()]
	if !isLeaf || field.presence || field.field < 0 {
		return g, false
	}
	g.field = field.field
	if list := l[args[1].ID()]; list.list != "" && !list.presence {
		g.list = list.list
		return g, name == operators.In
	}
	if g.texts, ok = textsOf(args[1]); ok {
		g.not = name == operators.NotEquals
		isList := args[1].Kind() == ast.ListKind
		return g, isList && name == operators.In || !isList && (name == operators.Equals || g.not)
	}
	number, isNumber := numberOf(args[1])
	holds := orders[name]
	g.bound = &bound{number, holds}
	return g, isNumber && holds != nil
}

// textsOf gives a constant text, or a list of such.
func textsOf(e ast.Expr) (texts []string, ok bool) {
	switch e.Kind() {
	case ast.LiteralKind:
		text, isText := e.AsLiteral().(types.String)
		return []string{string(text)}, isText
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			text, isText := item.AsLiteral().(types.String)
			if item.Kind() != ast.LiteralKind || !isText {
				return nil, false
			}
			texts = append(texts, string(text))
		}
		return texts, true
	}
	return nil, false
}

// numberOf gives a number as literals were rewritten.
func numberOf(e ast.Expr) (domain.Decimal, bool) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "decimal" || e.AsCall().Args()[0].Kind() != ast.LiteralKind {
		return domain.Decimal{}, false
	}
	text, isText := e.AsCall().Args()[0].AsLiteral().(types.String)
	d, err := domain.ParseDecimal(string(text))
	return d, isText && err == nil
}

// ruledOut reports whether the guards alone make the condition false.
func (c *condition) ruledOut(e *evaluation) bool {
	for i := range c.guards {
		if holds, known := c.guards[i].holds(e); known && !holds {
			return true
		}
	}
	return false
}

// holds says whether the comparison is true; known is false if it could not be evaluated.
func (g *guard) holds(e *evaluation) (holds, known bool) {
	if g.presence {
		return e.has(g.leaf), true
	}
	switch v := e.value(g.field).(type) {
	case types.String:
		if g.list == "" {
			return slices.Contains(g.texts, string(v)) != g.not, g.bound == nil
		}
		on, isList := e.list(g.list).(*list)
		return isList && on.Contains(v) == types.True, isList
	case number:
		if g.bound == nil {
			return false, false
		}
		return g.bound.holds(domain.Decimal(v).Cmp(g.bound.number)), true
	}
	return false, false
}
