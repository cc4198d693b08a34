package keystore

// room in bytes: CRED_MAX_CREDENTIAL_BLOB_SIZE of wincred.h.
const room = 5 * 512
