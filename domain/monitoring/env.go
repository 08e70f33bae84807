package monitoring

import (
	"errors"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// field is one value of the context.
type field struct {
	name string // as conditions write it
	kind *cel.Type
	read func(*Input) ref.Val // nil if the event has no transaction; may be an error value
}

// fields is the whole context of the present; what is known of the past are windows.
var fields = [...]field{
	{"event.id", cel.StringType, func(in *Input) ref.Val { return text(in.Event.ID) }},
	{"event.type", cel.StringType, func(in *Input) ref.Val { return text(in.Event.Type) }},
	{"event.occurred_at", cel.TimestampType, func(in *Input) ref.Val { return types.Timestamp{Time: in.Event.OccurredAt.UTC()} }},
	{"event.data", cel.MapType(cel.StringType, cel.DynType), func(in *Input) ref.Val { return decoded(in.Event.Data) }},

	{"transaction.id", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.ID) })},
	{"transaction.amount", numberType, ofTransaction(func(t *Transaction) ref.Val { return number(t.Amount) })},
	{"transaction.currency", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(string(t.Currency)) })},
	{"transaction.direction", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Direction) })},
	{"transaction.channel", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Channel) })},
	{"transaction.method", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Method) })},
	{"transaction.purpose", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Purpose) })},
	{"transaction.account", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Account) })},
	{"transaction.reference", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Reference) })},
	{"transaction.counterparty.name", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Counterparty.Name) })},
	{"transaction.counterparty.account", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Counterparty.Account) })},
	{"transaction.counterparty.bank", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Counterparty.Bank) })},
	{"transaction.counterparty.country", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Counterparty.Country) })},
	{"transaction.counterparty.listed", cel.StringType, ofTransaction(func(t *Transaction) ref.Val { return text(t.Counterparty.Listed) })},

	{"customer.id", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.ID) }},
	{"customer.external_id", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.ExternalID) }},
	{"customer.type", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.Type) }},
	{"customer.country_of_residence", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.CountryOfResidence) }},
	{"customer.nationality", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.Nationality) }},
	{"customer.industry", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.Industry) }},
	{"customer.occupation", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.Occupation) }},
	{"customer.pep_declared", cel.BoolType, func(in *Input) ref.Val { return types.Bool(in.Customer.PEPDeclared) }},
	{"customer.declared_monthly", numberType, declared},
	{"customer.kyc_status", cel.StringType, func(in *Input) ref.Val { return text(in.Customer.KYCStatus) }},

	{"risk.score", numberType, func(in *Input) ref.Val { return whole(in.Risk.Score) }},
	{"risk.rating", cel.StringType, func(in *Input) ref.Val { return text(in.Risk.Rating) }},
	{"risk.sanctions_flag", cel.BoolType, func(in *Input) ref.Val { return types.Bool(in.Risk.SanctionsFlag) }},
	{"risk.pep_flag", cel.BoolType, func(in *Input) ref.Val { return types.Bool(in.Risk.PEPFlag) }},

	{"session.device", cel.StringType, func(in *Input) ref.Val { return text(in.Session.Device) }},
	{"session.ip", cel.StringType, func(in *Input) ref.Val { return text(in.Session.IP) }},
	{"session.country", cel.StringType, func(in *Input) ref.Val { return text(in.Session.Country) }},
}

// objects are what has fields of its own, in the order of declaration; the first five are variables.
var objects = [...]string{"event", "transaction", "customer", "risk", "session", "transaction.counterparty"}

const variables = 5

// errNotStated is the value of a number that was not stated; has() knows it.
var errNotStated = errors.New("the customer's metadata state no declared_monthly: guard it with has(customer.declared_monthly) &&")

func declared(in *Input) ref.Val {
	if in.Customer.DeclaredMonthly == nil {
		return types.WrapErr(errNotStated)
	}
	return number(*in.Customer.DeclaredMonthly)
}

func ofTransaction(read func(*Transaction) ref.Val) func(*Input) ref.Val {
	return func(in *Input) ref.Val {
		if in.Transaction == nil {
			return nil
		}
		return read(in.Transaction)
	}
}

// text refuses a text that is longer than the cost of an untracked condition allows for.
func text(s string) ref.Val {
	if len(s) > maxText {
		return types.NewErr("a text of more than %d bytes", maxText)
	}
	return types.String(s)
}

// environment is the language of conditions. It is made once and never changes.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	pinSharedErrors()
	options := []cel.EnvOption{
		cel.CustomTypeProvider(newVocabulary()),
		cel.StdLib(cel.StdLibSubset(standard())),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals()),
		cel.ParserRecursionLimit(maxDepth),
		cel.ExpressionNodeLimit(maxNodes),
		cel.RegexProgramSizeLimit(maxRegex),
	}
	for _, name := range objects[:variables] {
		options = append(options, cel.Variable(name, cel.ObjectType(name)))
	}
	for i, name := range subjectNames {
		if i != ofCustomer { // which has fields too
			options = append(options, cel.Variable(name, subjectType(i)))
		}
	}
	options = append(options, numberFunctions()...)
	options = append(options, windowFunctions()...)
	options = append(options, lookupFunctions()...)
	return cel.NewCustomEnv(append(options, textFunctions()...)...)
})

// nowhere is the node of an error that CEL shares between programs.
const nowhere = -1

// pinSharedErrors keeps CEL from marking the two error values that it shares between programs
// with the node that met them first: that would be a data race, and a place in another condition.
func pinSharedErrors() {
	types.LabelErrNode(nowhere, types.NoSuchOverloadErr())
	types.LabelErrNode(nowhere, types.String("0000-01-01T00:00:00Z").ConvertToType(types.TimestampType))
}

// standard is what conditions have of CEL's own functions: all that knows no int, uint or double.
func standard() *env.LibrarySubset {
	subset := env.NewLibrarySubset().AddIncludedMacros("has", "all", "exists", "exists_one", "map", "filter")
	for _, name := range []string{
		"_?_:_", "_&&_", "_||_", "!_", "@not_strictly_false", "_==_", "_!=_", "_[_]", "@in",
		overloads.Contains, overloads.StartsWith, overloads.EndsWith, overloads.Matches,
	} {
		subset.AddIncludedFunctions(env.NewFunction(name))
	}
	for name, ids := range map[string][]string{
		"_+_":                          {overloads.AddString, overloads.AddList, overloads.AddTimestampDuration, overloads.AddDurationTimestamp, overloads.AddDurationDuration},
		"_-_":                          {overloads.SubtractTimestampTimestamp, overloads.SubtractTimestampDuration, overloads.SubtractDurationDuration},
		"_<_":                          {overloads.LessString, overloads.LessTimestamp, overloads.LessDuration},
		"_<=_":                         {overloads.LessEqualsString, overloads.LessEqualsTimestamp, overloads.LessEqualsDuration},
		"_>_":                          {overloads.GreaterString, overloads.GreaterTimestamp, overloads.GreaterDuration},
		"_>=_":                         {overloads.GreaterEqualsString, overloads.GreaterEqualsTimestamp, overloads.GreaterEqualsDuration},
		overloads.TypeConvertTimestamp: {overloads.StringToTimestamp},
		overloads.TypeConvertDuration:  {overloads.StringToDuration},
	} {
		function := env.NewFunction(name)
		for _, id := range ids {
			function.Overloads = append(function.Overloads, &env.Overload{ID: id})
		}
		subset.AddIncludedFunctions(function)
	}
	return subset
}

// textFunctions are lower, size, and the parts of a timestamp in UTC.
func textFunctions() []cel.EnvOption {
	list, dict := cel.ListType(cel.TypeParamType("A")), cel.MapType(cel.TypeParamType("A"), cel.TypeParamType("B"))
	size := func(id string, t *cel.Type) cel.FunctionOpt {
		return cel.Overload(id, []*cel.Type{t}, numberType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			return whole(int(v.(traits.Sizer).Size().(types.Int)))
		}))
	}
	options := []cel.EnvOption{
		cel.Function("lower", cel.Overload("lower_string", []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(strings.ToLower(string(v.(types.String)))) }))),
		cel.Function("size", size("size_string", cel.StringType), size("size_list", list), size("size_map", dict)),
	}
	for name, part := range map[string]func(types.Timestamp) int{
		"getFullYear":  func(t types.Timestamp) int { return t.UTC().Year() },
		"getMonth":     func(t types.Timestamp) int { return int(t.UTC().Month()) - 1 },
		"getDate":      func(t types.Timestamp) int { return t.UTC().Day() },
		"getDayOfWeek": func(t types.Timestamp) int { return int(t.UTC().Weekday()) },
		"getHours":     func(t types.Timestamp) int { return t.UTC().Hour() },
		"getMinutes":   func(t types.Timestamp) int { return t.UTC().Minute() },
	} {
		options = append(options, cel.Function(name, cel.MemberOverload("timestamp_"+name, []*cel.Type{cel.TimestampType}, numberType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return whole(part(v.(types.Timestamp))) }))))
	}
	return options
}

// vocabulary tells the compiler which types there are and what their fields are. The type of an
// object has the last word of the object's name.
type vocabulary struct {
	*types.Registry
	structs map[string]*cel.Type
	fields  map[string]*cel.Type
}

func newVocabulary() vocabulary {
	v := vocabulary{
		Registry: types.NewEmptyRegistry(),
		structs:  map[string]*cel.Type{numberType.TypeName(): numberType},
		fields:   make(map[string]*cel.Type),
	}
	for i := range subjectNames {
		v.structs[subjectType(i).TypeName()] = subjectType(i)
	}
	v.structs[windowType.TypeName()] = windowType
	v.structs[listsName] = cel.ObjectType(listsName)
	for _, name := range objects {
		t := cel.ObjectType(name[strings.LastIndexByte(name, '.')+1:])
		v.structs[t.TypeName()], v.fields[name] = t, t
	}
	for _, f := range fields {
		words := strings.Split(f.name, ".")
		v.fields[strings.Join(words[len(words)-2:], ".")] = f.kind
	}
	return v
}

// FindStructType gives a type that has fields.
func (v vocabulary) FindStructType(name string) (*types.Type, bool) {
	t, found := v.structs[name]
	if !found {
		return nil, false
	}
	return types.NewTypeTypeWithParam(t), true
}

// FindStructFieldType gives the type of one field of a type.
func (v vocabulary) FindStructFieldType(object, name string) (*types.FieldType, bool) {
	if object == listsName { // which there are only the institution's state knows
		return &types.FieldType{Type: cel.ListType(cel.StringType)}, listName.MatchString(name)
	}
	t, found := v.fields[object+"."+name]
	if !found {
		return nil, false
	}
	return &types.FieldType{Type: t}, true
}
