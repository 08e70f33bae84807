package monitoring

import (
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"whocomply/domain"
)

// The limits of a condition. A unit of cost is one operation on a value; an operation that makes
// or reads a text or a list costs a unit more for ten bytes or one item of it.
const (
	maxDepth     = 40      // of nesting
	maxNodes     = 3_000   // of the syntax tree, macros expanded
	maxRegex     = 500     // instructions of a compiled regular expression
	textPerUnit  = 10      // bytes
	maxText      = 4096    // bytes of a text of the context
	maxSentence  = 300     // bytes of what is said about a condition that is refused
	maxMentions  = 12      // places in the context that an explanation shows
	assumedItems = 50      // items or characters of whatever in event.data has no known size
	freeCost     = 1_000   // what cannot cost more is evaluated without counting
	maxCost      = 50_000  // of one condition: by estimate when it is made, and when it is evaluated
	eventCost    = 200_000 // of all counted conditions on one event
)

// estimated refuses a condition that is likely to cost too much, and says whether one that it
// lets through must be counted because of sizes that only its input has.
func estimated(language *cel.Env, checked *cel.Ast) (counted bool, err error) {
	likely, err := language.EstimateCost(checked, costs{assume: true})
	if err != nil {
		return false, err
	}
	if likely.Max > maxCost {
		return false, domain.InvalidField("condition", "could cost %d units to evaluate, more than the %d allowed", likely.Max, maxCost)
	}
	worst, err := language.EstimateCost(checked, costs{})
	return worst.Max > freeCost, err
}

// costs tells CEL what it does not know of sizes and costs. The texts of the context are bounded;
// what is in event.data is not, unless a bound is assumed.
type costs struct{ assume bool }

// EstimateSize gives the bound of what has no size that the compiler knows.
func (c costs) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	path := strings.Join(node.Path(), ".")
	switch {
	case slices.ContainsFunc(fields[:], func(f field) bool { return f.name == path && f.kind == cel.StringType }):
		return &checker.SizeEstimate{Max: maxText}
	case node.Type() == numberType || node.Type() == cel.BoolType:
		return &checker.SizeEstimate{Min: 1, Max: 1}
	case c.assume:
		return &checker.SizeEstimate{Max: assumedItems}
	}
	return nil
}

// readers are the functions that go through a text, which CEL would take for one step.
var readers = []string{"lower", "size", "decimal", "timestamp", "duration", "mentions"}

// EstimateCallCost gives the estimate for the readers of text.
func (c costs) EstimateCallCost(function, _ string, _ *checker.AstNode, args []checker.AstNode) *checker.CallEstimate {
	if function == "@in" && slices.Index(args[1].Path(), listsName) == 0 { // is one step however long the list
		return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(1)}
	}
	if !slices.Contains(readers, function) {
		return nil
	}
	size := args[0].ComputedSize()
	if size == nil {
		size = c.EstimateSize(args[0])
	}
	if size == nil {
		size = &checker.SizeEstimate{Max: math.MaxUint64}
	}
	call := &checker.CallEstimate{CostEstimate: size.MultiplyByCostFactor(common.StringTraversalCostFactor).Add(checker.FixedCostEstimate(1))}
	if function == "lower" {
		call.ResultSize = size
	}
	return call
}

// counted is a decorator for a condition whose cost is not known beforehand: each operation
// costs a unit, and as much as its result is large. CEL's own tracker takes time that grows with
// the square of the cost, and so would not bound it.
func counted(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	switch node := i.(type) {
	case *countedNode, *countedCall, *countedAttribute, interpreter.InterpretableConst, interpreter.InterpretableConstructor:
		return i, nil
	case interpreter.InterpretableAttribute:
		return &countedAttribute{node}, nil
	case interpreter.InterpretableCall:
		return &countedCall{node}, nil
	}
	return &countedNode{i}, nil
}

// What CEL must still know for an attribute or a call is one when counted.
type (
	countedNode      struct{ interpreter.InterpretableV2 }
	countedAttribute struct {
		interpreter.InterpretableAttribute
	}
	countedCall struct{ interpreter.InterpretableCall }
)

// Exec evaluates the node and counts its cost.
func (n *countedNode) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	return evaluationOf(frame).count(n.InterpretableV2.Exec(frame))
}

// Eval is Exec for whoever has no frame.
func (n *countedNode) Eval(vars interpreter.Activation) ref.Val {
	return n.Exec(interpreter.AsFrame(vars))
}

// Exec resolves the attribute and counts its cost.
func (a *countedAttribute) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	return evaluationOf(frame).count(a.InterpretableAttribute.Exec(frame))
}

// Eval is Exec for whoever has no frame.
func (a *countedAttribute) Eval(vars interpreter.Activation) ref.Val {
	return a.Exec(interpreter.AsFrame(vars))
}

// Exec evaluates the call and counts its cost.
func (c *countedCall) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	return evaluationOf(frame).count(c.InterpretableCall.Exec(frame))
}

// Eval is Exec for whoever has no frame.
func (c *countedCall) Eval(vars interpreter.Activation) ref.Val {
	return c.Exec(interpreter.AsFrame(vars))
}

// count adds the cost of having made v. What goes on too long is stopped in the way that CEL
// itself stops an evaluation, which no operator of a condition can absorb.
func (e *evaluation) count(v ref.Val) ref.Val {
	size := 1
	switch v := v.(type) {
	case types.String:
		size += len(v) / textPerUnit
	case *list: // is asked in one step, and gone through by operations that are counted themselves
	case traits.Lister:
		size += int(v.Size().(types.Int))
	}
	e.charge(size)
	return v
}

// charge adds to the cost of the condition at hand.
func (e *evaluation) charge(units int) {
	e.cost += units
	if e.cost > maxCost {
		panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded})
	}
}
