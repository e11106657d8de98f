import VisionImage

/// Scratch memory of one thread. It grows to what the largest call needs and is then kept, so that
/// a line in steady state allocates nothing. Blocks are handed out like a stack: what `scope` took
/// is free again at its end.
public final class Workspace {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var sizes: [Int] = []
  private var used = 0

  /// Readable and writable past every block, so that whole registers may be moved at its end.
  static let slack = 192

  /// Runs `body` and takes back every block that it was given.
  func scope<R>(_ body: (Workspace) -> R) -> R {
    let mark = used
    defer { used = mark }
    return body(self)
  }

  /// Room for `count` elements, aligned to 64 bytes, with slack behind; not cleared.
  func take<T: BitwiseCopyable>(_ count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
    let bytes = (count * MemoryLayout<T>.stride + Self.slack + 63) & ~63
    if used == blocks.count {
      blocks.append(Self.allocate(bytes))
      sizes.append(bytes)
    } else if sizes[used] < bytes {
      PixelMemory.giveBack(blocks[used])
      blocks[used] = Self.allocate(bytes)
      sizes[used] = bytes
    }
    defer { used += 1 }
    return blocks[used].bindMemory(to: type, capacity: count)
  }

  private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let memory = PixelMemory.allocate(bytes) else {
      fatalError("out of memory: \(bytes) bytes of scratch")
    }
    return memory
  }

  deinit { blocks.forEach(PixelMemory.giveBack) }
}
