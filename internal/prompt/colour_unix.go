//go:build !windows

package prompt

import "io"

// TakesEscapes tells whether w is a terminal that understands escape sequences, such as those of colours.
func TakesEscapes(w io.Writer) bool { return IsTerminal(w) }
