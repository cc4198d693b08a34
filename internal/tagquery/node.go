package tagquery

import "strings"

type nodeKind byte

const (
	tagNode   nodeKind = iota // text is a tag
	inDirNode                 // text is a path of whole segments, between slashes
	notNode                   // one kid
	andNode                   // two kids or more, none of them an andNode
	orNode                    // two kids or more, none of them an orNode
)

type node struct {
	kind nodeKind
	text string
	kids []*node
}

// match takes dir between two slashes.
func (n *node) match(dir string, has func(string) bool) bool {
	switch n.kind {
	case tagNode:
		return has(n.text)
	case inDirNode:
		return strings.Contains(dir, n.text)
	case notNode:
		return !n.kids[0].match(dir, has)
	}
	for _, kid := range n.kids {
		if kid.match(dir, has) == (n.kind == orNode) {
			return n.kind == orNode
		}
	}
	return n.kind == andNode
}

func (n *node) size() int {
	all := 1
	for _, kid := range n.kids {
		all += kid.size()
	}
	return all
}

func (n *node) tags(tell func(string)) {
	if n.kind == tagNode {
		tell(n.text)
	}
	for _, kid := range n.kids {
		kid.tags(tell)
	}
}

// tidy lays kids that mean "and" below an "and", and likewise "or", into their parent. Each node is moved once: laying them
// together while they are read would copy a long list for every parenthesis around it.
func tidy(n *node) *node {
	var kids []*node
	for _, kid := range n.kids {
		kids = n.adopt(kid, kids)
	}
	n.kids = kids
	return n
}

func (n *node) adopt(kid *node, kids []*node) []*node {
	if kid.kind != n.kind || kid.kind == notNode {
		return append(kids, tidy(kid))
	}
	for _, grandkid := range kid.kids {
		kids = n.adopt(grandkid, kids)
	}
	return kids
}

func (n *node) write(b *strings.Builder) {
	switch n.kind {
	case tagNode:
		writeString(b, n.text)
	case inDirNode:
		writeString(b, n.text[len("/"):len(n.text)-len("/")])
		b.WriteString(" in dir")
	case notNode:
		b.WriteString("not ")
		n.kids[0].writeWithin(b, n.kids[0].kind != tagNode)
	case andNode:
		n.writeList(b, " and ")
	case orNode:
		n.writeList(b, " or ")
	}
}

func (n *node) writeList(b *strings.Builder, operator string) {
	for i, kid := range n.kids {
		if i > 0 {
			b.WriteString(operator)
		}
		kid.writeWithin(b, kid.kind == orNode)
	}
}

func (n *node) writeWithin(b *strings.Builder, parentheses bool) {
	if !parentheses {
		n.write(b)
		return
	}
	b.WriteByte('(')
	n.write(b)
	b.WriteByte(')')
}

// writeString writes what the lexer reads as the string s.
func writeString(b *strings.Builder, s string) {
	if isBare(s) {
		b.WriteString(s)
		return
	}
	b.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
}
