package auth

// AddressKey is what failures from an address are counted by, for tests that
// need many of them.
func AddressKey(addr string) string { return addressKey(addr) }
