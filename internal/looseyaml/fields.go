package looseyaml

import "go.yaml.in/yaml/v4"

// mergeKey is the tag of a << without quotes.
const mergeKey = "!!merge"

// Get is the value of a key: the mapping's own, else that of the first merged mapping that has it, else the zero Node.
func (n Node) Get(key string) (value Node) {
	n.each(func(k, v Node) bool {
		if k.value.Value != key {
			return true
		}
		value = v
		return false
	})
	return value
}

// Fields are the entries of a mapping: its own in the file's order, then the merged ones that nothing before them overrides. A
// key that is no scalar is left out. None for everything but a mapping.
func (n Node) Fields() (fields []Field) {
	if !n.IsMap() {
		return nil
	}
	fields = make([]Field, 0, len(n.value.Content)/2)
	var seen map[string]bool // only where something is merged: Parse has seen to it that no key of one mapping comes twice
	if n.merges() {
		seen = map[string]bool{}
	}
	n.each(func(k, v Node) bool {
		key := k.value.Value
		if seen != nil {
			if seen[key] {
				return true
			}
			seen[key] = true
		}
		fields = append(fields, Field{Key: key, At: k, Value: v})
		return true
	})
	return fields
}

// each gives the entries of a mapping and of those merged into it, the stronger first, until yield is false.
func (n Node) each(yield func(key, value Node) bool) bool {
	if !n.IsMap() {
		return true
	}
	var merged *yaml.Node
	for i := 0; i+1 < len(n.value.Content); i += 2 {
		key := n.below(n.value.Content[i])
		switch {
		case key.value.Kind != yaml.ScalarNode:
		case key.value.ShortTag() == mergeKey:
			merged = n.value.Content[i+1]
		case !yield(key, n.below(n.value.Content[i+1])):
			return false
		}
	}
	if merged == nil {
		return true
	}
	from := n.below(merged)
	if from.IsMap() {
		return from.each(yield)
	}
	for _, item := range from.Items() {
		if !item.each(yield) {
			return false
		}
	}
	return true
}

func (n Node) merges() bool {
	for i := 0; i+1 < len(n.value.Content); i += 2 {
		if n.below(n.value.Content[i]).value.ShortTag() == mergeKey {
			return true
		}
	}
	return false
}
