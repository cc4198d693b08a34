package keystore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const maxPayload = 1<<15 - 1 // of a key of type "user", in bytes (add_key(2))

// keyPrefix is what the names of keys begin with. A variable for the tests, which must not touch the user's own.
var keyPrefix = service + ":"

// keyScope is a part of the names for each state directory: there lies the list of what is kept, and a user with two of them
// (a test, a build with a HOME of its own) must not empty one by clearing the other. A variable for the tests.
var keyScope = func(stateDir string) string {
	sum := sha256.Sum256([]byte(stateDir))
	return hex.EncodeToString(sum[:4]) + ":"
}

// Permissions of a key, as in keyctl_setperm(3).
const (
	// oursAlone lets those who have the keyring view, read, find, link and revoke the key. The user's other processes get
	// at it by linking the keyring, as we do; group and others never do.
	oursAlone     = 0x3b000000
	groupOrOthers = 0x0000ffff
)

// rings link a keyring of this user to the process keyring and return its number, the better one first. EOPNOTSUPP means
// that this kernel has none such. A variable for the tests.
var rings = []func() (int, error){persistentRing, userRing}

// persistentRing lives until three days after its last use (persistent_keyring_expiry), and so outlives sessions.
func persistentRing() (int, error) {
	return unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, -1, unix.KEY_SPEC_PROCESS_KEYRING, 0, 0)
}

// userRing may be found without a link; what is in it may not be read without one, in a session that does not have it.
func userRing() (int, error) {
	return unix.KEY_SPEC_USER_KEYRING, link(unix.KEY_SPEC_PROCESS_KEYRING, unix.KEY_SPEC_USER_KEYRING)
}

// key is what the kernel tells of one, and what its payload says.
type key struct {
	serial int
	name   string
	mine   bool
	perm   uint64
	size   int   // of the payload, in bytes
	end    int64 // Unix seconds; only an order of dropping: anybody may have written it
}

// describe reads what keyctl_describe(3) gives: "user;1000;1000;3b000000;whichrole:…". A key that is not of type "user",
// or has a name too long for one of ours, has no name here.
func describe(serial int) (key, error) {
	var buffer [256]byte
	n, err := unix.KeyctlBuffer(unix.KEYCTL_DESCRIBE, serial, buffer[:], 0)
	if err != nil || n > len(buffer) {
		return key{serial: serial}, err
	}
	one := key{serial: serial}
	fields := strings.SplitN(strings.TrimSuffix(string(buffer[:n]), "\x00"), ";", 5)
	if len(fields) == 5 && fields[0] == "user" {
		one.mine, one.name = fields[1] == strconv.Itoa(os.Getuid()), fields[4]
		one.perm, err = strconv.ParseUint(fields[3], 16, 32)
	}
	return one, err
}

// readKey looks again when the key was replaced meanwhile, for a value that looks gone has every reader mint. Then it is
// revoked, or out of reach, or gone; and for a moment Linux takes one that is being revoked for expired.
func readKey(ring int, name string) ([]byte, error) {
	for range 100 {
		var payload []byte
		serial, err := unix.KeyctlSearch(ring, "user", name, 0)
		if err == unix.ENOKEY {
			return nil, err
		}
		if err == nil {
			payload, err = readFound(serial)
		}
		switch err {
		case unix.EKEYREVOKED, unix.EKEYEXPIRED, unix.EACCES, unix.ENOKEY:
		default:
			return payload, err
		}
	}
	return nil, ErrNotFound
}

// readFound does not believe a key that is somebody else's, or that others may write.
func readFound(serial int) ([]byte, error) {
	one, err := describe(serial)
	if err != nil {
		return nil, err
	}
	if !one.mine || one.perm&groupOrOthers != 0 {
		return nil, &Unavailable{Store: "kernel", Class: Denied, Detail: "the key is not yours alone"}
	}
	buffer := make([]byte, maxPayload)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, serial, buffer, 0)
	if err != nil {
		return nil, err
	}
	return buffer[:min(n, len(buffer))], nil
}

// putKey makes the key in the process keyring, which dies with the process, and links it when it is complete. It begins
// larger than it ends, or fails with EDQUOT: so quotaLeft is left.
func putKey(ring int, name string, payload []byte, seconds int) error {
	larger := make([]byte, min(len(payload)+quotaLeft, maxPayload))
	serial, err := unix.AddKey("user", name, larger, unix.KEY_SPEC_PROCESS_KEYRING)
	if err != nil {
		return err
	}
	defer unlink(unix.KEY_SPEC_PROCESS_KEYRING, serial)
	if _, err := unix.AddKey("user", name, payload, unix.KEY_SPEC_PROCESS_KEYRING); err != nil { // changes it
		return err
	}
	if err := unix.KeyctlSetperm(serial, oursAlone); err != nil {
		return err
	}
	if _, err := unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, serial, seconds, 0, 0); err != nil {
		return err
	}
	return replaceKey(ring, name, serial)
}

// replaceKey links a key in the place of the one of that name, which it revokes after that: readers then look again. What
// has lost its place can only be revoked by who holds on to it.
func replaceKey(ring int, name string, serial int) error {
	old, notFound := unix.KeyctlSearch(ring, "user", name, 0)
	if notFound == nil {
		hold, err := unix.AddKey("keyring", keyPrefix+"replaced", nil, unix.KEY_SPEC_PROCESS_KEYRING)
		if err == nil {
			defer unlink(unix.KEY_SPEC_PROCESS_KEYRING, hold)
			link(hold, old)
		}
	}
	if err := link(ring, serial); err != nil {
		return err
	}
	if notFound == nil {
		revoke(old)
	}
	return nil
}

func link(ring, serial int) error {
	_, err := unix.KeyctlInt(unix.KEYCTL_LINK, serial, ring, 0, 0)
	return err
}

// revoke wipes a key of ours and gives its quota back at once; what is only unlinked or invalidated keeps both for 10 to
// 30 ms more. What is somebody else's it leaves alone.
func revoke(serial int) {
	if one, err := describe(serial); err == nil && one.mine {
		unix.KeyctlInt(unix.KEYCTL_REVOKE, serial, 0, 0, 0)
	}
}

func unlink(ring, serial int) error {
	_, err := unix.KeyctlInt(unix.KEYCTL_UNLINK, serial, ring, 0, 0)
	if err == unix.ENOENT || err == unix.ENOKEY { // another process was faster
		return nil
	}
	return err
}

func dropKey(ring, serial int) error {
	revoke(serial)
	return unlink(ring, serial)
}

// filler is a key that takes room of the quota, to find out how much there is. One key does for all sizes: each new one
// would leave its name in the quota for some ms.
type filler struct{ serial int }

// fits tells whether there is room for a payload of size bytes, and takes it.
func (f *filler) fits(size int) bool {
	payload := make([]byte, min(max(size, 1), maxPayload))
	serial, err := unix.AddKey("user", keyPrefix+"filler", payload, unix.KEY_SPEC_PROCESS_KEYRING)
	if err == nil {
		f.serial = serial
	}
	return err != unix.EDQUOT // another error is for the value itself to meet
}

func (f *filler) drop() {
	if f.serial != 0 {
		dropKey(unix.KEY_SPEC_PROCESS_KEYRING, f.serial)
	}
}

// ourKeys are the values of ours in the keyring, whose names begin so. What has expired or is revoked tells nothing, and is not among them.
func ourKeys(ring int, prefix string) (list []key, err error) {
	serials, err := linked(ring)
	if err != nil {
		return nil, err
	}
	buffer := make([]byte, maxPayload)
	for _, serial := range serials {
		one, err := describe(serial)
		if err != nil || !one.mine || !strings.HasPrefix(one.name, prefix) {
			continue
		}
		if one.size, err = unix.KeyctlBuffer(unix.KEYCTL_READ, serial, buffer, 0); err != nil {
			one.size = 0
		}
		if one.size >= endSize {
			one.end = int64(binary.BigEndian.Uint64(buffer))
		}
		list = append(list, one)
	}
	return list, nil
}

// linked are the numbers of what is in the keyring.
func linked(ring int) (serials []int, err error) {
	var buffer []byte
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, ring, nil, 0)
	for err == nil && n > len(buffer) { // it grows while we look
		buffer = make([]byte, n+64)
		n, err = unix.KeyctlBuffer(unix.KEYCTL_READ, ring, buffer, 0)
	}
	for i := 0; err == nil && i+4 <= n; i += 4 {
		serials = append(serials, int(int32(binary.NativeEndian.Uint32(buffer[i:]))))
	}
	return serials, err
}
