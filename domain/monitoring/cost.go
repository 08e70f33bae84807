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

	"whocomply/domain"
)

// The limits of a condition. A unit of cost is about one operation on a value, or ten
// characters of text gone through.
const (
	maxDepth     = 60      // of nesting
	maxNodes     = 10_000  // of the syntax tree, macros expanded
	maxRegex     = 500     // instructions of a compiled regular expression
	maxText      = 4096    // bytes of a text of the context
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
var readers = []string{"lower", "size", "decimal", "timestamp", "duration"}

// EstimateCallCost gives the estimate for the readers of text.
func (c costs) EstimateCallCost(function, _ string, _ *checker.AstNode, args []checker.AstNode) *checker.CallEstimate {
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

// CallCost gives the cost at evaluation for the readers of text, and for the calls of which CEL
// does not know the overload, and so not the cost, because their arguments are of event.data.
func (costs) CallCost(function, overload string, args []ref.Val, _ ref.Val) *uint64 {
	if overload != "" && !slices.Contains(readers, function) {
		return nil
	}
	cost := uint64(1)
	for _, arg := range args {
		switch v := arg.(type) {
		case types.String:
			cost += uint64(float64(len(v)) * common.StringTraversalCostFactor)
		case traits.Lister:
			cost += uint64(v.Size().(types.Int))
		}
	}
	return &cost
}
