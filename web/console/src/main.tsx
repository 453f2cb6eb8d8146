import "@/app/nonce";
import { createRoot } from "react-dom/client";
import { Console } from "@/app/Console";
import { startLanguage } from "@/app/language";

await startLanguage();
createRoot(document.getElementById("root")!).render(<Console />);
