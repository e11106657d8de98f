import Configuration
let demoVerb = Verb("demo", "x", example: "x") { _ in .done }
let runVerb = Verb("run", "x", example: "x") { _ in .done }
let logVerbs: [Verb] = []
let recipeVerbs: [Verb] = []
