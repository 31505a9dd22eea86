//! Template: from the unique phrases of both sets to the initial instruction (method.md section 3, step 4).
