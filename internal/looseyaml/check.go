package looseyaml

import (
	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"

	"go.yaml.in/yaml/v4"
)

const (
	maxBytes = 1 << 20

	// maxNodes and maxText bound what a walk through the whole document meets, each alias counted with all that it stands
	// for: how many nodes, and how long the texts are together. Without aliases no document of maxBytes reaches them.
	maxNodes = 500_000
	maxText  = 4 << 20

	endless = "too many aliases: the file would grow without bound"
)

// size is what a walk through a node meets.
type size struct {
	nodes, text int
	open        bool // the walk is in it: who meets it again is in a circle
}

// checker looks at each written node once.
type checker struct {
	at    Node
	sizes map[*yaml.Node]*size // of the anchored nodes, which are what aliases lead to
}

// check refuses what Parse refuses in the tree.
func (n Node) check() error {
	c := checker{at: n, sizes: map[*yaml.Node]*size{}}
	if _, err := c.size(n.as); err != nil { // not (*problem.Error)(nil)
		return err
	}
	return nil
}

func (c *checker) size(as *yaml.Node) (size, *problem.Error) {
	n := c.at.below(as)
	known := c.sizes[n.value]
	if known == nil {
		known = &size{}
		if n.value.Anchor != "" {
			c.sizes[n.value] = known
		}
		known.open = true
		sum, err := c.sum(n)
		if err != nil {
			return size{}, err
		}
		*known = sum
	}
	if known.open {
		return size{}, n.Wrong(endless)
	}
	return *known, nil
}

// sum adds up what stands in a node, and looks at it if it is a mapping.
func (c *checker) sum(n Node) (sum size, err *problem.Error) {
	if n.value.Kind == yaml.MappingNode {
		if err := n.checkMap(); err != nil {
			return size{}, err
		}
	}
	sum = size{nodes: 1, text: len(n.value.Value)}
	for _, below := range n.value.Content {
		s, err := c.size(below)
		if err != nil {
			return size{}, err
		}
		sum.nodes += s.nodes
		sum.text += s.text
		if sum.nodes > maxNodes || sum.text > maxText {
			return size{}, c.at.below(below).Wrong(endless)
		}
	}
	return sum, nil
}

// checkMap refuses a key that comes twice, and a merge of what has no keys.
func (n Node) checkMap() *problem.Error {
	var seen strictyaml.Keys
	for i := 0; i+1 < len(n.value.Content); i += 2 {
		key := n.below(n.value.Content[i])
		if key.value.Kind != yaml.ScalarNode {
			continue
		}
		if line, twice := seen.Add(key.value.Value, key.Line()); twice {
			return key.Wrong("%s is here twice, first in line %d", problem.Cut(key.value.Value, 200), line)
		}
		if value := n.below(n.value.Content[i+1]); key.value.ShortTag() == mergeKey && !value.canMerge() {
			return value.Wrong("keys are expected behind <<, not %s", value.Kind())
		}
	}
	return nil
}

func (n Node) canMerge() bool {
	for _, item := range n.Items() {
		if !item.IsMap() {
			return false
		}
	}
	return n.IsMap() || n.IsList()
}
