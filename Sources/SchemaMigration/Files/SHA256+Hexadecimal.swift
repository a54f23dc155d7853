import CygniModel
import Crypto

/// SHA-256 in lower-case hexadecimal, as sha256sum(1) prints it.
func hexadecimalSHA256(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hex }
