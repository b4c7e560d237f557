/** A module of one's own: a function, a variable and a parameter for the script, declared once. */
import { declareModule, implementModule, optional, required } from "olelo";

const greeting = declareModule()({
  name: "greeting",
  doc: "Greets callers by name.",
  params: {
    salutation: { type: "str", default: "Hello", doc: "What stands before the name." },
  },
  functions: {
    greet: {
      doc: "Puts a greeting into the Subject of the reply. 1, or -1 when there is nobody to greet.",
      routes: ["request"],
      args: [
        required("name", "fmt", "Who is greeted."),
        optional("mark", "fmt", "What stands behind the name."),
      ],
      examples: ['greet("$fU", "!");'],
    },
  },
  variables: {
    greeted: { doc: "How many callers were greeted.", type: "int" },
  },
});

export default implementModule(greeting, ({ params }) => {
  let greeted = 0;
  return {
    functions: {
      greet(context, name, mark = "") {
        if (name === "") return -1;
        greeted++;
        context.replyHeaders.push(`Subject: ${params.salutation} ${name}${mark}\r\n`);
        return 1;
      },
    },
    variables: {
      greeted: () => ({ get: () => greeted }),
    },
  };
});
