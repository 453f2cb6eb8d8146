/** The texts of the staff's pages, loaded with these. */
import staff from "./staff.json";
import finance from "./finance.json";
import operations from "./operations.json";

export default { finance, operations, staff };
