import CVectors
import VisionKernelsABI

private let lineBytes = 64

var memoryKernels: memory_kernels {
  memory_kernels(
    ask: { from, bytes in
      var place = 0
      while place < bytes {
        prefetch(from + place)
        place &+= lineBytes
      }
    },
    stream: { from, to, bytes in
      // Only whole lines go past the cache: parts of one would be fetched all the same.
      let head = min(bytes, (0 &- Int(bitPattern: to)) & (lineBytes &- 1))
      to.copyMemory(from: from, byteCount: head)
      var place = head
      while place &+ lineBytes <= bytes {
        for part in 0..<lineBytes / lanes8 {
          let at = place &+ part &* lanes8
          vu8_stream(to + at, vu8_load(from + at))
        }
        place &+= lineBytes
      }
      (to + place).copyMemory(from: from + place, byteCount: bytes &- place)
    },
    settle: { store_fence() })
}
