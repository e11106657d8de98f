import FuzzProperties

/// Any bytes as a recipe: never a crash, and every complaint has a place inside of the text.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  RecipeProperties.check(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
