import CaptureKit

/// Recipes to begin with, as text with comments.
public enum RecipeTemplates {
  /// Runs on any picture; its limits are to be set.
  public static func general(name: String) -> String {
    """
    // A recipe says what is to be done with a picture, and what decides.
    {
      version: 1,
      name: \(quoted(name)),
      // auto: the native engine, with OpenCV behind it
      engine: "auto",
      tools: [
        {
          tool: "blob",
          name: "spots",
          // Connected dark areas of at least 20 pixels are counted; set max_count to the number
          // that a good part may have.
          polarity: "dark",
          min_area: 20,
          max_count: 1000000,
        },
      ],
    }

    """
  }

  /// Tells good parts of a scene from bad ones.
  public static func scene(_ kind: SceneKind, name: String) -> String {
    """
    // \(kind.summary)
    {
      version: 1,
      name: \(quoted(name)),
      camera: "synthetic:\(kind.name)?fps=30&defects=0.1&seed=1",
      engine: "auto",
      // A part that takes longer is FAULT.
      deadline_ms: 2000,
      tools: [
    \(tools[kind.name] ?? comparison(kind))
      ],
    }

    """
  }

  /// How parts of a scene are judged, where it is not by comparison with the perfect one.
  private static let tools = [
    "parts": """
            {
              tool: "match_shape",
              name: "parts",
              // One part alone; a path relative to this file where it is a picture of yours.
              template: "scene:parts",
              angles: [-180, 180],
              // Fewer than it would choose: further down arms and the bars over them run together.
              levels: 2,
              // The share of the outline that must be seen: bars cover a good part of some.
              min_score: 0.6,
              // So many lie in a good picture.
              min_count: 4,
              max_count: 4,
            },
    """
  ]

  private static func comparison(_ kind: SceneKind) -> String {
    """
            {
              tool: "compare_golden",
              name: "print",
              // The perfect part; a path relative to this file where it is a picture of yours.
              reference: "scene:\(kind.name)",
              // Grey values that a good part may differ after shift and light are taken out.
              tolerance: 30,
              // Pixels of the smallest defect.
              min_area: 6,
              // The part lies within so many pixels of where the reference shows it.
              search: 8,
            },
    """
  }

  /// As a text of JSON5.
  private static func quoted(_ text: String) -> String {
    "\""
      + text.unicodeScalars.filter { $0 != "\"" && $0 != "\\" && $0.value >= 0x20 }
      .map { String($0) }.joined() + "\""
  }
}
