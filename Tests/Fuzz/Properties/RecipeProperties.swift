import Configuration
import InspectionKit

/// What must hold for any text; the fuzzer and the tests call this. A violation ends the program.
public enum RecipeProperties {
  public static func check(_ bytes: [UInt8]) {
    for dialect in [JSONParser.Dialect.json, .json5] {
      do throws(TextError) {
        let json = try JSONParser.parse(bytes, as: dialect).json
        // What was read is written and read again: the same value, in the same words.
        let text = json.text
        guard let again = try? JSONParser.parse(text, as: .json).json else {
          preconditionFailure("not read again: \(text)")
        }
        precondition(again.text == text, "read again as \(again.text): \(text)")
      } catch {
        check(error.location, error.message, bytes)
      }
    }
    do throws(RecipeError) {
      let recipe = try Recipe(bytes: bytes, path: "recipe.json5")
      let changes = RecipeDifference(from: recipe, to: recipe, files: (old: [], new: [])).changes
      precondition(changes.isEmpty, "differs from itself: \(changes.map(\.text))")
    } catch {
      guard let location = error.location else { preconditionFailure("no place: \(error.message)") }
      check(location, error.message, bytes)
    }
  }

  private static func check(_ location: SourceLocation, _ message: String, _ bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    precondition(!message.isEmpty)
    precondition((1...lines.count).contains(location.line), "\(location): \(message)")
    precondition(
      (1...lines[location.line - 1].count + 1).contains(location.column), "\(location): \(message)")
  }
}
