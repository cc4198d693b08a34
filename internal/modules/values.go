package modules

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// values tells what an expression says where it is literal, or made of literals by way of locals and variables' defaults.
// The rest of the language is left out: a hostile expression can take as long as it likes, and no file is to be read.
type values struct {
	r     *reader
	files []*source
	named map[string]expression // "local.x" and "var.x"; nil until one is asked for
	steps int

	strict   bool // variables are not known: a .tfvars file, the environment or the command line may give them another value
	variable bool // one was met

	roles map[string]bool // of named: whether a role may stand in it; see mentionsRole
}

type expression struct {
	s    *source
	expr hcl.Expression
}

// text is what expr in s says; false where that is not known. Null is "".
func (v *values) text(s *source, expr hcl.Expression) (string, bool) {
	text, ok := v.eval(expression{s, expr})
	if !ok || len(text) > maxValue {
		return "", false
	}
	return text, true
}

// literal is text without the defaults of variables. Where it is not known, why says so.
func (v *values) literal(s *source, expr hcl.Expression) (text, why string) {
	v.strict, v.variable = true, false
	text, ok := v.text(s, expr)
	v.strict = false
	switch {
	case ok:
		return text, ""
	case v.variable:
		return "", isVariable
	}
	return "", isComputed
}

// role is the role_arn of an assume_role, "" where it is not known.
func (v *values) role(s *source, set setting) string {
	if set.inner != nil {
		if a := attribute(set.inner, "role_arn"); a != nil {
			text, _ := v.text(s, a.Expr)
			return text
		}
		return ""
	}
	pairs, _ := hcl.ExprMap(set.value)
	for _, pair := range pairs {
		if key, _ := v.text(s, pair.Key); key == "role_arn" {
			text, _ := v.text(s, pair.Value)
			return text
		}
	}
	return ""
}

// eval gives up on what refers to itself, or makes much of little.
func (v *values) eval(e expression) (string, bool) {
	if v.steps++; v.steps > maxSteps {
		return "", false
	}
	switch expr := e.expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return scalar(expr.Val)
	case *hclsyntax.TemplateExpr:
		return v.join(e.s, expr.Parts)
	case *hclsyntax.TemplateWrapExpr:
		return v.eval(expression{e.s, expr.Wrapped})
	case *hclsyntax.ParenthesesExpr:
		return v.eval(expression{e.s, expr.Expression})
	case *hclsyntax.ObjectConsKeyExpr:
		if word := hcl.ExprAsKeyword(expr); word != "" && !expr.ForceNonLiteral {
			return word, true
		}
		return v.eval(expression{e.s, expr.Wrapped})
	case *hclsyntax.ScopeTraversalExpr:
		return v.refer(expr.Traversal)
	case hclsyntax.Expression:
		return "", false
	}
	return v.ofJSON(e)
}

func (v *values) join(s *source, parts []hclsyntax.Expression) (string, bool) {
	var b strings.Builder
	for _, part := range parts {
		text, ok := v.eval(expression{s, part})
		if !ok || b.Len()+len(text) > maxValue {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), true
}

func (v *values) ofJSON(e expression) (string, bool) {
	text, template, ok := e.inJSON()
	if !ok || template == nil {
		return text, ok
	}
	return v.eval(expression{e.s, template})
}

// inJSON takes what is neither an object nor a list. A string with references in it is a template.
func (e expression) inJSON() (text string, template hclsyntax.Expression, ok bool) {
	at := e.expr.Range().Start.Byte
	if at < 0 || at >= len(e.s.data) || strings.IndexByte("{[", e.s.data[at]) >= 0 {
		return "", nil, false
	}
	value, diags := e.expr.Value(nil)
	if diags.HasErrors() {
		return "", nil, false
	}
	text, ok = scalar(value)
	if !ok || !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		return text, nil, ok
	}
	if len(text) > maxValue || tooHard([]byte(text)).Text != "" {
		return "", nil, false
	}
	template, diags = hclsyntax.ParseTemplate([]byte(text), "", hcl.InitialPos)
	return "", template, !diags.HasErrors()
}

// refer follows local.x and var.x.
func (v *values) refer(t hcl.Traversal) (string, bool) {
	if v.strict && t.RootName() == "var" && nameOf(t) != "" {
		v.variable = true
		return "", false
	}
	e, ok := v.lookup(t)
	if !ok {
		return "", false
	}
	return v.eval(e)
}

// lookup is the expression that local.x or var.x stands for.
func (v *values) lookup(t hcl.Traversal) (e expression, ok bool) {
	name := nameOf(t)
	if name == "" {
		return e, false
	}
	if v.named == nil {
		v.load()
	}
	e, ok = v.named[name]
	return e, ok
}

// nameOf is x.y, "" for what is longer or has another form.
func nameOf(t hcl.Traversal) string {
	if len(t) != 2 {
		return ""
	}
	attr, ok := t[1].(hcl.TraverseAttr)
	if !ok {
		return ""
	}
	return t.RootName() + "." + attr.Name
}

// load takes all locals and defaults of the directory; the later file holds, as it overrides.
func (v *values) load() {
	v.named = map[string]expression{}
	for _, s := range v.files {
		if !s.mentions("locals", "variable") {
			continue
		}
		for _, block := range blocks(s.parse(v.r), blockOf("locals"), blockOf("variable", "name")) {
			if block.Type == "locals" {
				attributes, _ := block.Body.JustAttributes()
				for name, a := range attributes {
					v.named["local."+name] = expression{s, a.Expr}
				}
			} else if a := attribute(block.Body, "default"); a != nil {
				v.named["var."+block.Labels[0]] = expression{s, a.Expr}
			}
		}
	}
}

// scalar is a literal as Terraform writes it into a string; null is "". Of numbers only whole ones of some 18 digits count:
// 1e999999999 would be as long as it says.
func scalar(v cty.Value) (string, bool) {
	switch {
	case v.IsNull():
		return "", true
	case !v.IsKnown():
		return "", false
	case v.Type() == cty.String:
		return v.AsString(), true
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True()), true
	case v.Type() == cty.Number:
		n, exact := v.AsBigFloat().Int64()
		return strconv.FormatInt(n, 10), exact == big.Exact
	}
	return "", false
}
