package strictyaml

import "strings"

// maxMarks bounds the nodes of a document before it is parsed: one byte of it may become a node of 200. The densest role
// map that makes sense has one in ten bytes.
const maxMarks = 250_000

// marks counts what begins an entry, in flow style or in block style, and comments. Nearly always it is more than the nodes
// there are, and never less than half of them: {a,b} has a value for each key.
func marks(data []byte) (n int) {
	for i, c := range data {
		switch c {
		case ',', '[', '{', '#':
			n++
		case '-':
			if isOneOf(data, i+1, " \t\r\n") {
				n++
			}
		case '?':
			if isOneOf(data, i+1, " \t\r\n,[]{}") {
				n += 2
			}
		case ':':
			if isOneOf(data, i+1, " \t\r\n,[]{}") || isOneOf(data, i-1, " \t\r\n\"']}") {
				n += 2 // a key and a value
			}
		}
	}
	return n
}

// isOneOf tells whether the byte at i is one of chars, or there is none.
func isOneOf(data []byte, i int, chars string) bool {
	return i < 0 || i >= len(data) || strings.IndexByte(chars, data[i]) >= 0
}
