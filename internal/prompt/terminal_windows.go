package prompt

import (
	"io"
	"os"
)

// console is the two halves of a Windows console.
type console struct{ in, out *os.File }

func (c console) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c console) Write(p []byte) (int, error) { return c.out.Write(p) }

func (c console) Close() error {
	c.in.Close()
	return c.out.Close()
}

func openTerminal() (io.ReadWriteCloser, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, err
	}
	return console{in, out}, nil
}

func inForeground(io.ReadWriteCloser) bool { return true }

// Place names the terminal; here there is one for all.
func Place() string { return "console" }
