package keystore

// InTime is inTime, for tests outside the package.
var InTime = inTime[int]

// Encode and Decode are the text form of a value in the OS keyring.
var (
	Encode = encode
	Decode = decode
)
