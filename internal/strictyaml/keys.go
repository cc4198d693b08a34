package strictyaml

// Keys finds the second of two equal keys; the zero value is ready. Most mappings are small, and need no map for that, nor any memory but the stack's.
type Keys struct {
	few  [16]keyLine
	n    int
	many map[string]int
}

type keyLine struct {
	key  string
	line int
}

// Add gives the line of the first one, where key was here before.
func (k *Keys) Add(key string, line int) (first int, twice bool) {
	for _, f := range k.few[:k.n] {
		if f.key == key {
			return f.line, true
		}
	}
	if k.n < len(k.few) {
		k.few[k.n] = keyLine{key, line}
		k.n++
		return 0, false
	}
	if k.many == nil {
		k.many = map[string]int{}
	}
	if first, twice = k.many[key]; !twice {
		k.many[key] = line
	}
	return first, twice
}
