package strictyaml

// keys finds the second of two equal keys. Most mappings are small, and need no map for that.
type keys struct {
	few  []keyLine
	many map[string]int
}

type keyLine struct {
	key  string
	line int
}

func newKeys(n int) *keys {
	if n > 16 {
		return &keys{many: make(map[string]int, n)}
	}
	return &keys{few: make([]keyLine, 0, n)}
}

// add gives the line of the first one, where key was here before.
func (k *keys) add(key string, line int) (first int, twice bool) {
	if k.many != nil {
		if first, twice = k.many[key]; !twice {
			k.many[key] = line
		}
		return first, twice
	}
	for _, f := range k.few {
		if f.key == key {
			return f.line, true
		}
	}
	k.few = append(k.few, keyLine{key, line})
	return 0, false
}
