package keystore

// Bounded is bounded, for tests outside the package.
var Bounded = bounded[int]

// Encode and Decode are the text form of a value in the OS keyring.
var (
	Encode = encode
	Decode = decode
)
