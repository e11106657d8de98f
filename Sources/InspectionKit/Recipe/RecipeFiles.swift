import CaptureKit
import Configuration
import Hashing
import ImageFiles
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Recipe {
  /// Reads and checks a recipe; the files that it names are read by `Inspector`.
  public init(path: String) throws(RecipeError) {
    let bytes: [UInt8]
    do throws(ImageFileError) {
      bytes = try FileBytes(path, limit: RecipeParser.sizeLimit).array
    } catch {
      throw RecipeError(path, nil, error.reason)
    }
    self = try RecipeParser.parse(bytes, path: path)
  }

  public init(bytes: [UInt8], path: String) throws(RecipeError) {
    self = try RecipeParser.parse(bytes, path: path)
  }

  public init(text: String, path: String) throws(RecipeError) {
    self = try RecipeParser.parse(Array(text.utf8), path: path)
  }

  /// Reads every picture that the recipe is tested with.
  public func checkTests() throws {
    var pictures = RecipePictures(self)
    for test in tests { _ = try pictures.open(test.image, at: test.location) }
  }

  /// A file's path as the recipe means it.
  public func resolve(_ file: String) -> String {
    file.hasPrefix("/") ? file : folder + "/" + file
  }
}

/// The pictures that a recipe names, each read once, and the hash over all of them.
struct RecipePictures {
  private let recipe: Recipe
  private(set) var files: [(name: String, hash: String)] = []

  init(_ recipe: Recipe) { self.recipe = recipe }

  /// The picture of a file, or of a scene for `scene:NAME`, in grey.
  mutating func open(_ name: String, at location: SourceLocation) throws -> Raster {
    let picture: Raster
    if name.hasPrefix("scene:") {
      let scene = String(name.dropFirst("scene:".count))
      guard let kind = SceneKind.find(scene) else {
        throw RecipeError(
          recipe.path, location, unknownName("scene", scene, among: SceneKind.all.map(\.name)))
      }
      picture = kind.scene(seed: 1).template.raster
    } else {
      do throws(ImageFileError) {
        picture = try ImageFiles.read(recipe.resolve(name), colour: .grey)
      } catch {
        throw failure("the picture", name, location, error)
      }
    }
    files.append((name, picture.view.hash))
    return picture
  }

  /// The bytes of a small file: a calibration.
  mutating func read(_ name: String, at location: SourceLocation) throws -> [UInt8] {
    do throws(ImageFileError) {
      let file = try FileBytes(recipe.resolve(name), limit: 16 << 20)
      files.append((name, Digest.hex(file.contents)))
      return file.array
    } catch {
      throw failure("the file", name, location, error)
    }
  }

  private func failure(
    _ what: String, _ name: String, _ location: SourceLocation, _ error: ImageFileError
  ) -> RecipeError {
    var hint = ""
    if case .cannotOpen(errno: ENOENT) = error.kind {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      let folder = parts.dropLast().joined(separator: "/")
      let files = ImageFolder.files(in: recipe.resolve(folder.isEmpty ? "." : folder))
      let near = parts.last.flatMap { nearestName(to: String($0), among: files) }
      hint = near.map { "; did you mean '\((parts.dropLast() + [$0[...]]).joined(separator: "/"))'?" } ?? ""
    }
    return RecipeError(recipe.path, location, "\(what) '\(name)': \(error.reason)\(hint)")
  }
}

extension RasterView {
  /// SHA-256 of the format, the size and the pixels row by row: the same for the same picture,
  /// however it lies in memory.
  public var hash: String {
    Digest.hex { add in
      Array("\(layout.format.rawValue) \(width)x\(height)\n".utf8).withUnsafeBytes(add)
      withBytes { pixels in
        for y in 0..<height {
          add(
            UnsafeRawBufferPointer(
              start: pixels + y * layout.rowBytes, count: width * format.pixelBytes))
        }
      }
    }
  }
}
