package keystore

// room in bytes: go-keyring's whole command may have 4,096 after base64, and at that very length `security` fails in
// silence. 2,800 stays well below.
const room = 2800
