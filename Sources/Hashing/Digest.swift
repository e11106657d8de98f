import CCrypto

/// SHA-256, as 64 hexadecimal digits: what records, recipes and pictures are told apart by.
public enum Digest {
  public static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      SHA256(start, bytes.count, digest.baseAddress)
      return hex(digest)
    }
  }

  public static func hex(_ text: String) -> String {
    var text = text
    return text.withUTF8 { hex(UnsafeRawBufferPointer($0)) }
  }

  /// Of several pieces as if they were one.
  public static func hex(pieces: ((UnsafeRawBufferPointer) -> Void) -> Void) -> String {
    guard let context = EVP_MD_CTX_new() else { fatalError("out of memory for a digest") }
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    pieces { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
      EVP_DigestFinal_ex(context, digest.baseAddress, nil)
      return hex(digest)
    }
  }

  private static func hex(_ digest: UnsafeMutableBufferPointer<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 64) { out in
      for (i, byte) in digest.prefix(32).enumerated() {
        out[2 * i] = digits[Int(byte >> 4)]
        out[2 * i + 1] = digits[Int(byte & 15)]
      }
      return 64
    }
  }
}
