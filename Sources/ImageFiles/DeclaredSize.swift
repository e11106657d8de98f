#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ImageFiles {
  /// Pixels that a file says it has, read from its header alone; nil where that does not tell, or is
  /// not easily found. For those who must know before they take the memory; decoding checks anew.
  public static func declaredPixels(_ path: String) -> Int? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return DeclaredSize(descriptor: descriptor).pixels
  }
}

/// Looks for width and height at the places where each format has them.
private struct DeclaredSize {
  let descriptor: Int32

  var pixels: Int? {
    let start = bytes(at: 0, count: 512)
    let format = start.withUnsafeBytes { ImageFileFormat(content: $0) }
    let size: (Int, Int)? =
      switch format {
      case .png: big(start, 16, 4).flatMap { w in big(start, 20, 4).map { (w, $0) } }
      case .bmp: bmp(start)
      case .pnm: pnm(start)
      case .jpeg: jpeg()
      case .tiff: tiff(start)
      case nil: nil
      }
    guard let size else { return nil }
    let (pixels, overflow) = size.0.multipliedReportingOverflow(by: size.1)
    return overflow ? .max : pixels
  }

  private func bytes(at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
      length = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
  }

  private func big(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int? {
    guard at + count <= bytes.count else { return nil }
    return bytes[at..<at + count].reduce(0) { $0 << 8 | Int($1) }
  }

  private func little(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int? {
    guard at + count <= bytes.count else { return nil }
    return bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func bmp(_ start: [UInt8]) -> (Int, Int)? {
    guard let header = little(start, 14, 4) else { return nil }
    let length = header == 12 ? 2 : 4
    guard let width = little(start, 18, length), let height = little(start, 18 + length, length)
    else { return nil }
    // Rows from the top down have a negative number.
    return (width, length == 4 ? abs(Int(Int32(truncatingIfNeeded: height))) : height)
  }

  /// The two numbers behind "P5", with comments before them.
  private func pnm(_ start: [UInt8]) -> (Int, Int)? {
    var numbers: [Int] = []
    var isComment = false, current: Int?
    for byte in start.dropFirst(2) {
      if isComment {
        isComment = byte != 10
      } else if (48...57).contains(byte), (current ?? 0) < 1 << 30 {
        current = (current ?? 0) * 10 + Int(byte - 48)
      } else {
        if let current { numbers.append(current) }
        current = nil
        if numbers.count == 2 { return (numbers[0], numbers[1]) }
        isComment = byte == UInt8(ascii: "#")
      }
    }
    return nil
  }

  /// From segment to segment up to the one that begins a frame.
  private func jpeg() -> (Int, Int)? {
    var offset = 2
    for _ in 0..<1000 {
      let head = bytes(at: offset, count: 9)
      guard head.count == 9, head[0] == 0xff else { return nil }
      if head[1] == 0xff {
        offset += 1
        continue
      }
      // Start of frame, but for the tables of Huffman and arithmetic codes among those numbers.
      if (0xc0...0xcf).contains(head[1]), ![0xc4, 0xc8, 0xcc].contains(head[1]) {
        return big(head, 7, 2).flatMap { w in big(head, 5, 2).map { (w, $0) } }
      }
      guard let length = big(head, 2, 2), length >= 2 else { return nil }
      offset += 2 + length
    }
    return nil
  }

  /// The tags 256 and 257 of the first directory.
  private func tiff(_ start: [UInt8]) -> (Int, Int)? {
    guard start.count >= 8 else { return nil }
    let number = start[0] == UInt8(ascii: "I") ? little : big
    guard number(start, 2, 2) == 42, let directory = number(start, 4, 4),
      let count = number(bytes(at: directory, count: 2), 0, 2)
    else { return nil }
    let entries = bytes(at: directory + 2, count: 12 * count)
    var sides: [Int: Int] = [:]
    for i in 0..<count {
      guard let tag = number(entries, 12 * i, 2), let kind = number(entries, 12 * i + 2, 2) else { break }
      if tag == 256 || tag == 257 { sides[tag] = number(entries, 12 * i + 8, kind == 3 ? 2 : 4) }
    }
    guard let width = sides[256], let height = sides[257] else { return nil }
    return (width, height)
  }
}
