package modules

import (
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The settings of the aws provider and the s3 backend that say whose credentials are used, of today and of old.
var (
	hopKeys    = []string{"assume_role", "assume_role_with_web_identity"}
	nameKeys   = []string{"role_arn", "profile"}
	fileKeys   = []string{"shared_credentials_file", "shared_credentials_files", "shared_config_files"}
	secretKeys = []string{"access_key", "secret_key", "token"}
	roleKeys   = append([]string{"region", "session_name", "external_id", "assume_role_duration_seconds"}, laterKeys...) // what goes with a role
)

func isHop(key string) bool    { return slices.Contains(hopKeys, key) }
func isName(key string) bool   { return slices.Contains(nameKeys, key) }
func isSecret(key string) bool { return slices.Contains(secretKeys, key) }
func isRole(key string) bool   { return slices.Contains(roleKeys, key) }
func isOwn(key string) bool {
	return isHop(key) || isName(key) || isSecret(key) || slices.Contains(fileKeys, key)
}

// setting is one of these where it stands.
type setting struct {
	key   string
	value hcl.Expression // nil for a block
	inner hcl.Body       // of a block
	made  bool           // the block is a dynamic one
	at    hcl.Range
	whole hcl.Range
}

// settingsSchema is made once: a large repository has tens of thousands of blocks.
var settingsSchema = sync.OnceValue(func() *hcl.BodySchema {
	return attributesOf(slices.Concat(hopKeys, nameKeys, fileKeys, secretKeys, roleKeys))
})

func attributesOf(names []string) *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, name := range names {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	return schema
}

// settingsOf are those of a block.
func settingsOf(body hcl.Body) (list []setting) {
	content, _, _ := body.PartialContent(settingsSchema())
	for _, a := range content.Attributes {
		list = append(list, ofAttribute(a.Name, a.Expr, a.NameRange, a.Range)...)
	}
	if native, ok := body.(*hclsyntax.Body); ok { // in JSON they were attributes
		list = append(list, hopBlocks(native)...)
	}
	slices.SortStableFunc(list, func(a, b setting) int { return a.at.Start.Byte - b.at.Start.Byte })
	return list
}

// hopBlocks are the assume_role blocks of a provider, dynamic ones too.
func hopBlocks(body *hclsyntax.Body) (list []setting) {
	for _, block := range body.Blocks {
		one := setting{key: block.Type, inner: block.Body, at: block.TypeRange, whole: block.Range()}
		if block.Type == "dynamic" && len(block.Labels) == 1 {
			one.key, one.made = block.Labels[0], true
			for _, content := range blocks(block.Body, blockOf("content")) {
				one.inner = content.Body
			}
		}
		if isHop(one.key) {
			list = append(list, one)
		}
	}
	return list
}

// settingsIn are those of an object, such as the config of a terraform_remote_state.
func settingsIn(object hcl.Expression, v *values, s *source) (list []setting) {
	pairs, _ := hcl.ExprMap(object)
	for _, pair := range pairs {
		key, _ := v.text(s, pair.Key)
		if isOwn(key) || isRole(key) {
			list = append(list, ofAttribute(key, pair.Value, pair.Key.Range(), hcl.RangeBetween(pair.Key.Range(), pair.Value.Range()))...)
		}
	}
	return list
}

// ofAttribute is one setting, but of a list of hops each, and none of an empty list.
func ofAttribute(key string, value hcl.Expression, at, whole hcl.Range) (list []setting) {
	if isRole(key) {
		return []setting{{key: key, value: value, at: at, whole: whole}}
	}
	elements, diags := hcl.ExprList(value)
	if diags.HasErrors() {
		return []setting{{key: key, value: value, at: at, whole: whole}}
	}
	for _, element := range elements {
		list = append(list, setting{key: key, value: element, at: at, whole: whole})
		if !isHop(key) {
			break
		}
	}
	return list
}

// own keeps what the settings of one block say.
func (b *building) own(block string, s *source, list []setting, v *values) {
	for _, set := range list {
		if len(b.Own) == maxOwn {
			return
		}
		if !isOwn(set.key) {
			continue
		}
		o := Own{Block: block, Key: set.key, File: s.path, Line: set.at.Start.Line, Column: set.at.Start.Column}
		if set.value != nil {
			text, known := v.text(s, set.value)
			if known && text == "" { // null, or as good as that
				continue
			}
			if isName(set.key) {
				o.Value = text
			}
		}
		if isHop(set.key) {
			o.Value = v.role(s, set)
		}
		if set.key != "profile" && !strings.HasPrefix(o.Value, "arn:") { // a local may be anything, a secret too
			o.Value = ""
		}
		if !isSecret(set.key) {
			o.Text = s.text(set.whole)
		}
		b.Own = append(b.Own, o)
	}
}
