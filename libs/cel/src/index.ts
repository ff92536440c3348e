export { compile, type CompileOptions, type Compilation, type Evaluation, type Expression } from "./compile.ts";
