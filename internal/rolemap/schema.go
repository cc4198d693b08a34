package rolemap

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of the role map, for editors. What it lets pass may still be wrong: patterns,
// variables and what keys say together are judged by Parse alone.
func Schema() []byte { return slices.Clone(schema) }
