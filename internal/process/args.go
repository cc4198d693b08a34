package process

import (
	"bytes"
	"encoding/binary"
)

// split takes apart a command line as Unix systems hold it, with a NUL after each argument. cut is whether text is only the
// beginning: half an argument is none. A program that has written over its command line may have left out the last NUL.
func split(text []byte, cut bool) []string {
	if i := bytes.LastIndexByte(text, 0); cut || i == len(text)-1 {
		text = text[:max(i, 0)]
		if i < 0 {
			return nil
		}
	}
	var args []string
	for _, arg := range bytes.Split(text, []byte{0}) {
		args = append(args, string(arg))
	}
	return args
}

// procargs takes apart what macOS's sysctl kern.procargs2 gives: the number of arguments, the path of the executable as it was
// started, NULs up to where the stack is aligned, the arguments, the environment. All of it but the number is the process's own
// memory, which it may have written over. An empty first argument looks like the NULs before it: then all move up by one.
func procargs(text []byte) (executable string, args []string) {
	if len(text) < 4 {
		return "", nil
	}
	count := int(int32(binary.NativeEndian.Uint32(text)))
	path, rest, _ := bytes.Cut(text[4:], []byte{0})
	rest = bytes.TrimLeft(rest, "\x00")
	rest = rest[:min(len(rest), mostArgs)]
	end := 0
	for range count {
		size := bytes.IndexByte(rest[end:], 0)
		if size < 0 {
			break
		}
		end += size + 1
	}
	return string(path), split(rest[:end], false) // and the environment is left behind
}
