package federation

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

const maxTable = 32 << 20 // bytes of the kernel's table of connections; 150 a connection

func ourUser() int { return os.Geteuid() }

// ownerOf is the user whose program holds the end at from of a connection to to, as the kernel lists it (proc_pid_net(5)). A
// program that speaks IPv6 reaches IPv4's loopback as well, and is in the other table then. One that is in no table is nobody's, which
// is known, too: who has closed it already, or filled the table.
func ownerOf(from, to netip.AddrPort) (uid int, known bool) {
	read := false
	for _, table := range []struct{ path, prefix string }{{"/proc/net/tcp", ""}, {"/proc/net/tcp6", mapped()}} {
		f, err := os.Open(table.path)
		if err != nil {
			continue
		}
		read = true
		uid, known = ownerIn(io.LimitReader(f, maxTable), table.prefix+inTable(from), table.prefix+inTable(to))
		f.Close()
		if known {
			return uid, true
		}
	}
	return nobody, read
}

// nobody is no user's number.
const nobody = -1

func ownerIn(table io.Reader, from, to string) (uid int, known bool) {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text()) // sl local_address rem_address st queues timer retransmits uid …
		if len(fields) < 8 || fields[1] != from || fields[2] != to {
			continue
		}
		uid, err := strconv.Atoi(fields[7])
		return uid, err == nil
	}
	return 0, false
}

// inTable is an IPv4 address and port as the table has them: in the machine's byte order, the port in the usual one.
func inTable(a netip.AddrPort) string {
	four := a.Addr().Unmap().As4()
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(four[:]), a.Port())
}

// mapped is how the table of IPv6 begins an IPv4 address: ::ffff:0:0.
func mapped() string {
	return fmt.Sprintf("%016X%08X", 0, binary.NativeEndian.Uint32([]byte{0, 0, 0xff, 0xff}))
}
