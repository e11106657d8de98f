typealias MutU8 = UnsafeMutablePointer<UInt8>
typealias MutU16 = UnsafeMutablePointer<UInt16>
typealias MutU32 = UnsafeMutablePointer<UInt32>
