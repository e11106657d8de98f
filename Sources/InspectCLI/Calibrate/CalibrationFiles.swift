import Configuration
import ImageFiles
import VisionCore
import VisionImage

/// What the calibrate verbs read and write.
enum CalibrationFiles {
  static let undistorted = Parameter(
    "undistorted", .flag, "the pixels are those of pictures that the operator undistort has made")

  /// What `--mapping` names, for pictures as `--undistorted` has them; nil where there is none.
  static func mapping(_ values: ParameterValues) throws -> PlaneMapping? {
    guard values.has("mapping") else { return nil }
    let mapping = try mapping(values.text("mapping"))
    return values.flag("undistorted") ? mapping.withoutDistortion : mapping
  }

  static func mapping(_ path: String) throws -> PlaneMapping {
    let json = try read(path, "mapping")
    return try orRefuse(path) { () throws(CalibrationError) in try PlaneMapping(json) }
  }

  static let target = [
    Parameter(
      "pattern", .choice(CalibrationTarget.Pattern.allCases.map(\.rawValue)), default: "chessboard",
      "what is on the plate"),
    Parameter("grid", .size(2...200), placeholder: "COLSxROWS", "inner corners, or discs, of the plate"),
    Parameter("pitch", .real(1e-6...1e6), placeholder: "MM", "millimetres from mark to mark"),
  ]
  static let output = Parameter("output", .path, short: "o", "where the result goes")
  static let preview = Parameter("preview", .path, optional: true, placeholder: "PNG", "a picture of the result")
  static let json = Parameter("json", .flag, "one JSON object")

  static func target(_ values: ParameterValues) -> CalibrationTarget {
    let grid = values.size("grid")
    return CalibrationTarget(
      pattern: CalibrationTarget.Pattern(rawValue: values.text("pattern")) ?? .chessboard,
      columns: grid.width, rows: grid.height, pitch: values.real("pitch"))
  }

  static func read(_ path: String, _ what: String) throws -> JSON {
    let bytes: [UInt8]
    do throws(ImageFileError) {
      bytes = try FileBytes(path, limit: 16 << 20).array
    } catch {
      throw CommandError(.inputs, "cannot read the \(what)", at: path, why: error.reason)
    }
    do throws(TextError) {
      return try JSONParser.parse(bytes, as: .json).json
    } catch {
      throw CommandError(.usage, "the \(what) is not JSON", at: path, why: "\(error)")
    }
  }

  /// The objects of a file of JSON Lines, each with its place for error messages.
  static func lines(_ path: String) throws -> [(place: String, json: JSON)] {
    let bytes: [UInt8]
    do throws(ImageFileError) {
      bytes = try FileBytes(path, limit: 64 << 20).array
    } catch {
      throw CommandError(.inputs, "cannot read the pairs", at: path, why: error.reason)
    }
    return try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated().compactMap { index, line in
        let place = "\(path), line \(index + 1)"
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0d && $0 != 0x09 }) else { return nil }
        do throws(TextError) {
          return (place, try JSONParser.parse(Array(line), as: .json).json)
        } catch {
          throw CommandError(.usage, "the pair is not JSON", at: place, why: "\(error)")
        }
      }
  }

  static func camera(_ path: String) throws -> CameraModel {
    let json = try read(path, "calibration")
    return try orRefuse(path) { () throws(CalibrationError) in try CameraModel(json) }
  }

  /// What cannot be calibrated is refused with the reason, and nothing is written.
  static func orRefuse<R>(_ place: String, _ body: () throws(CalibrationError) -> R) throws -> R {
    do throws(CalibrationError) {
      return try body()
    } catch {
      throw CommandError(
        .usage, "nothing was calibrated", at: place, why: error.description, advice: error.advice)
    }
  }

  static func write(_ object: JSONObject, to path: String) throws {
    do throws(ImageFileError) {
      try AtomicFile.write(Array((JSON.object(object).prettyText + "\n").utf8), to: path)
    } catch {
      throw CommandError(.failed, "cannot write the calibration", at: path, why: error.reason)
    }
  }
}
